// What no container of a host can have there, from what GET /info tells of its control groups.
import type { SystemInfo } from "@docker/node-sdk";
import type { DriverLimit } from "../../../resources/wire.ts";

const UNIFIED = "the control groups of the host are of version 2, which has no such limit";
const NOT_THERE = "the control groups of the host cannot limit it";

/** Which flag of an engine says that it has a limit; one that it does not tell is no refusal. */
const FLAGS: [flag: keyof SystemInfo, fields: string[]][] = [
  ["MemoryLimit", ["memory", "memoryReservation"]],
  ["SwapLimit", ["memorySwap"]],
  ["OomKillDisable", ["oomKillDisable"]],
  ["CpuCfsQuota", ["cpus"]],
  ["CPUShares", ["cpuShares"]],
  ["CPUSet", ["cpuset"]],
  ["PidsLimit", ["pidsLimit"]],
];
const OF_VERSION_1 = [
  ...["memorySwappiness", "oomKillDisable", "cpuRealtimePeriod", "cpuRealtimeRuntime"],
];

/** In the words of the declaration of a container. */
export function limitsIn(info: SystemInfo): DriverLimit[] {
  const unified = info.CgroupVersion === "2" ? OF_VERSION_1 : [];
  const lacking = FLAGS.flatMap(([flag, fields]) => (info[flag] === false ? fields : []));
  return [
    ...unified.map((field) => ({ field, why: UNIFIED })),
    ...lacking
      .filter((field) => !unified.includes(field))
      .map((field) => ({ field, why: NOT_THERE })),
  ];
}
