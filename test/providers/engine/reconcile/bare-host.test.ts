// A host that has no agent yet is planned for by what the agent has that would be brought.
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { driverFacts } from "../../../../agent/driver-facts.ts";
import {
  bundleFolder,
  loadBundle,
  platformsIn,
} from "../../../../providers/engine/bundle/bundle.ts";
import type { Connect } from "../../../../providers/engine/engine.ts";
import { VacantEngine } from "../../../../providers/engine/engines/fairlead/vacant.ts";
import { plan } from "../../../../providers/engine/reconcile/reconcile.ts";
import type { ResourceInput } from "../../../../resources/stack/stack.ts";

const offered = { version: "1", apiVersion: "1.51", machine: "x86_64" };
const knowing: Connect = async (name) =>
  new VacantEngine(name, { ...offered, drivers: driverFacts() });
const unknowing: Connect = async (name) => new VacantEngine(name, offered);

const network = (spec: object): ResourceInput => ({ kind: "network", host: "h", name: "n", spec });
const volume = (spec: object): ResourceInput => ({ kind: "volume", host: "h", name: "v", spec });
const container = (spec: object) =>
  ({ kind: "container", host: "h", name: "c", spec: { image: "app:1", ...spec } }) as ResourceInput;

const refused: [title: string, one: ResourceInput, message: RegExp][] = [
  ["a network driver", network({ driver: "overlay" }), /^networks\.n\.driver: .* it has bridge/],
  ["its options", network({ driverOpts: { no: "1" } }), /^networks\.n\.driverOpts: .* option no/],
  ["an address driver", network({ ipamDriver: "dhcp" }), /^networks\.n\.ipamDriver: .* default/],
  ["a volume driver", volume({ driver: "nfs" }), /^volumes\.v\.driver: .* it has local/],
  ["a log driver", container({ logging: { driver: "splunk" } }), /logging\.driver: .* json-file/],
];

describe("a host without an agent", () => {
  const planned = (one: ResourceInput, connect: Connect) =>
    plan({ project: "p", hosts: { h: "local" }, resources: [one] }, { connect });

  test.each(refused)("refuses %s that its agent would not have", async (_, one, message) => {
    await expect(planned(one, knowing)).rejects.toThrow(message);
    expect((await planned(one, unknowing)).operations.length).toBeGreaterThan(0);
  });

  test("takes what its agent would have", async () => {
    const taken = [network({ driver: "macvlan" }), container({ logging: { driver: "none" } })];
    for (const one of taken) {
      expect((await planned(one, knowing)).operations.length).toBeGreaterThan(0);
    }
  });

  const built = platformsIn(resolve("dist/bundle")).length > 0;
  test.skipIf(!built)("is told by the bundle what that is (skipped before a build)", () => {
    const folder = bundleFolder();
    const [platform = ""] = platformsIn(folder);
    expect(loadBundle(folder, platform).drivers).toEqual(driverFacts());
  });
});
