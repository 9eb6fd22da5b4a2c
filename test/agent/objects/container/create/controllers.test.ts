import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  checkControllers,
  controllerLimits,
  lackingControllers,
} from "../../../../../agent/objects/container/create/controllers.ts";
import { type CgroupFacts, readHostFacts } from "../../../../../agent/objects/host.ts";

const factsWith = (cgroup: Partial<CgroupFacts>, rootless?: { ids: number }) => ({
  ...readHostFacts(),
  cgroup: { version: 1 as const, mounts: {}, unified: undefined, ...cgroup },
  rootless,
});
const mounted = (...names: string[]) => Object.fromEntries(names.map((name) => [name, "/x"]));
const whole = mounted("memory", "cpu", "cpuset", "pids", "blkio");

describe("the cgroup controllers of a host", () => {
  test("are all there on version 1 and 2, and lacking where they are not", () => {
    expect(lackingControllers(factsWith({ mounts: whole }))).toEqual([]);
    const unified = mounted("memory", "cpu", "cpuset", "pids", "io");
    expect(lackingControllers(factsWith({ version: 2, mounts: unified }))).toEqual([]);
    expect(lackingControllers(factsWith({ mounts: mounted("cpu", "pids") }))).toEqual([
      "memory",
      "cpuset",
      "io",
    ]);
  });

  test("count also where a hybrid host has them in the unified hierarchy", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-controllers-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "cgroup.controllers"), "pids rdma\n");
    const facts = factsWith({ mounts: mounted("memory", "cpu", "cpuset", "blkio") });
    expect(lackingControllers(facts)).toEqual(["pids"]);
    expect(lackingControllers({ ...facts, cgroup: { ...facts.cgroup, unified: folder } })).toEqual(
      [],
    );
  });

  test("are told with the fields of a declaration, and refuse a request that needs them", () => {
    const { memory: _, ...others } = whole;
    const facts = factsWith({ mounts: others });
    expect(controllerLimits(facts).map(({ field }) => field)).toEqual([
      "memory",
      "memorySwap",
      "memoryReservation",
      "memorySwappiness",
      "oomKillDisable",
    ]);
    expect(controllerLimits(facts)[0]?.why).toMatch(/no cgroup controller memory; boot it without/);
    expect(() => checkControllers({ MemoryReservation: 1 << 20 }, facts)).toThrow(
      "HostConfig.MemoryReservation: the kernel of this host has no cgroup controller memory",
    );
    expect(() => checkControllers({ Memory: 0, NanoCpus: 1e9 }, facts)).not.toThrow();
    const user = factsWith({ mounts: others }, { ids: 65536 });
    expect(() => checkControllers({ Memory: 1 << 20 }, user)).toThrow("not delegated to this user");
    const disk = factsWith({ mounts: mounted("memory", "cpu", "cpuset", "pids") });
    expect(() => checkControllers({ BlkioWeightDevice: [] }, disk)).not.toThrow();
    expect(() => checkControllers({ BlkioWeight: 10 }, disk)).toThrow(/BlkioWeight.*controller io/);
  });
});
