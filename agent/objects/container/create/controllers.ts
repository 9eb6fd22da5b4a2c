// The cgroup controllers that limits need: which of them this host lacks, told to clients for their
// plans and refused before anything is made.
import type { Resources } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { DriverLimit } from "../../../../resources/wire.ts";
import { type HostFacts, readText } from "../../host.ts";

interface Controller {
  name: string;
  /** As hierarchies of version 1 call it. */
  before?: string;
  /** What needs it, in a request of Docker's API. */
  limits: (keyof Resources)[];
  /** The same in the declaration of a container. */
  fields: string[];
}

const CONTROLLERS: Controller[] = [
  {
    name: "memory",
    limits: ["Memory", "MemorySwap", "MemoryReservation", "MemorySwappiness", "OomKillDisable"],
    fields: ["memory", "memorySwap", "memoryReservation", "memorySwappiness", "oomKillDisable"],
  },
  {
    name: "cpu",
    limits: [
      ...["NanoCpus", "CpuPeriod", "CpuQuota", "CpuShares"],
      ...["CpuRealtimePeriod", "CpuRealtimeRuntime"],
    ] as (keyof Resources)[],
    fields: ["cpus", "cpuShares", "cpuRealtimePeriod", "cpuRealtimeRuntime"],
  },
  { name: "cpuset", limits: ["CpusetCpus", "CpusetMems"], fields: ["cpuset"] },
  { name: "pids", limits: ["PidsLimit"], fields: ["pidsLimit"] },
  {
    name: "io",
    before: "blkio",
    limits: [
      "BlkioWeight",
      "BlkioWeightDevice",
      "BlkioDeviceReadBps",
      "BlkioDeviceWriteBps",
      "BlkioDeviceReadIOps",
      "BlkioDeviceWriteIOps",
    ],
    fields: [
      ...["blockIo.weight", "blockIo.weightDevices.weight"],
      ...["readBps", "writeBps", "readIops", "writeIops"].map((name) => `blockIo.${name}.rate`),
    ],
  },
];

/** Names of controllers, as version 2 has them. */
export function lackingControllers(facts: HostFacts): string[] {
  return lacking(facts).map(({ name }) => name);
}

/** Refuses limits whose controller is missing; `unsupported` with the field. */
export function checkControllers(limits: Resources, facts: HostFacts): void {
  for (const controller of lacking(facts)) {
    const field = controller.limits.find((name) => isSet(limits[name]));
    if (field === undefined) continue;
    const { why, hint } = reason(controller, facts);
    throw new FairleadError("unsupported", `HostConfig.${field}: ${why}`, { hint });
  }
}

/** What no container can have here, in the words of its declaration. */
export function controllerLimits(facts: HostFacts): DriverLimit[] {
  return lacking(facts).flatMap((controller) => {
    const { why, hint } = reason(controller, facts);
    return controller.fields.map((field) => ({ field, why: `${why}; ${hint}` }));
  });
}

function lacking({ cgroup: { mounts, unified } }: HostFacts): Controller[] {
  // On a hybrid host one can be in the unified hierarchy.
  const there = new Set(Object.keys(mounts));
  const more = unified === undefined ? "" : readText(`${unified}/cgroup.controllers`);
  for (const name of more.trim().split(" ")) there.add(name);
  return CONTROLLERS.filter(({ name, before }) => !there.has(name) && !there.has(before ?? name));
}

function reason({ name }: Controller, { rootless }: HostFacts): { why: string; hint: string } {
  if (rootless) {
    return {
      why: `the cgroup controller ${name} is not delegated to this user`,
      hint:
        "the host needs cgroup v2 and a systemd that delegates it (a drop-in for user@.service " +
        "with Delegate=cpu cpuset io memory pids); or leave the limit out",
    };
  }
  return {
    why: `the kernel of this host has no cgroup controller ${name}`,
    hint:
      `boot it without cgroup_disable=${name} (a Raspberry Pi with cgroup_enable=${name} in ` +
      "cmdline.txt), or leave the limit out",
  };
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value) && value !== -1;
}
