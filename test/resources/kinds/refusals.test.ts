// Every field of every kind and every engine: a plan takes it, or refuses it at that very field.
import type { SystemInfo } from "@docker/node-sdk";
import { describe, expect, test } from "vitest";
import { driverFacts } from "../../../agent/driver-facts.ts";
import { limitsIn } from "../../../providers/engine/docker-api/limits.ts";
import { dockerFacts } from "../../../providers/engine/engines/docker/docker.ts";
import { podmanFacts } from "../../../providers/engine/engines/podman/podman.ts";
import { kindOf } from "../../../resources/kinds/registry.ts";
import { typeOf } from "../../../resources/kinds/shape.ts";
import { INCAPABLE } from "../../../resources/plan/capability.ts";
import { ALL_CAPABILITIES, type EngineFacts } from "../../../resources/plan/observed.ts";
import { containerEdits, networkEdits, volumeEdits } from "./edits.ts";

const unified = { CgroupVersion: "2", OomKillDisable: false } as SystemInfo;
const docker = (apiVersion: string): EngineFacts => ({
  ...{ engine: "docker", version: "", apiVersion, can: dockerFacts.can(apiVersion) },
});
const agent: EngineFacts = {
  ...{ engine: "fairlead", version: "", apiVersion: "1.51", can: ALL_CAPABILITIES },
  ...{ drivers: driverFacts(), runtimes: { native: { cannot: [] } } },
};
const ENGINES: Record<string, EngineFacts> = {
  agent,
  "Docker 28": docker("1.51"),
  "Docker 28 on control groups 2": { ...docker("1.51"), cannot: limitsIn(unified) },
  "Docker 20.10": docker("1.41"),
  "Podman 4": { ...docker("1.41"), engine: "podman", can: podmanFacts.can("1.41") },
  "an engine that can nothing": INCAPABLE,
};

const EDITS = { container: containerEdits, network: networkEdits, volume: volumeEdits };
const FIELDS = (["container", "network", "volume"] as const).flatMap((kind) =>
  Object.entries(EDITS[kind]).map(([field, values]) => ({ kind, field, values })),
);
const NO_VERSION_1 = ["cpuRealtimePeriod", "cpuRealtimeRuntime", "memorySwappiness"];
const DRIVERS = ["network.driver", "network.ipamDriver", "volume.driver"];

/** What each refuses of the two values that the edits of a field have. */
const REFUSED: Record<string, string[]> = {
  agent: ["container.runtime", "network.ipamDriver", "volume.driver"],
  "Docker 28": [],
  "Docker 28 on control groups 2": [...NO_VERSION_1, "oomKillDisable"].map(
    (field) => `container.${field}`,
  ),
  "Docker 20.10": ["container.annotations", "network.enableIpv6"],
  "Podman 4": ["container.annotations"],
  "an engine that can nothing": [
    ...["container.annotations", "container.logging", "container.runtime"],
    ...["network.driverOpts", "network.enableIpv6", "volume.driverOpts", ...DRIVERS],
  ],
};

describe.each(Object.entries(ENGINES))("%s", (name, facts) => {
  test("refuses what it cannot do, each at its field, and nothing else", () => {
    const refused = FIELDS.filter(({ kind, field, values }) => {
      const problems = (values as unknown[]).flatMap((value) => {
        const spec = { [field]: typeOf(kind).shape[field]?.safeParse(value).data };
        const one = { kind, host: "h", name: "one", spec };
        return kindOf(kind).refusals?.(one as never, facts) ?? [];
      });
      for (const { path } of problems)
        expect(path).toMatch(new RegExp(`^${kind}s.one.${field}\\b`));
      return problems.length > 0;
    });
    const found = refused.map(({ kind, field }) => `${kind}.${field}`);
    expect(found.sort()).toEqual([...(REFUSED[name] ?? [])].sort());
  });
});
