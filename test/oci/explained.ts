// Programs that no runtime can pass on a machine of this kind, and why; docs/oci.md has the proof.
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";

const V1 = "/sys/fs/cgroup";

/** Each reason with a test of whether it holds on this machine. */
const REASONS: { programs: string[]; why: string; holds: () => boolean }[] = [
  {
    programs: ["linux_cgroups_blkio", "linux_cgroups_relative_blkio"],
    why: "this kernel has no blkio.leaf_weight (it left with CFQ in Linux 5.0)",
    holds: () => !existsSync(`${V1}/blkio/blkio.leaf_weight`),
  },
  {
    programs: ["linux_cgroups_hugetlb", "linux_cgroups_relative_hugetlb"],
    why: "the suite reads cgroup v1, and hugetlb is not mounted there",
    holds: () => !existsSync(`${V1}/hugetlb`),
  },
  {
    programs: ["linux_cgroups_network", "linux_cgroups_relative_network"],
    why: "net_cls and net_prio are mounted nowhere",
    holds: () => !existsSync(`${V1}/net_cls`) && !existsSync(`${V1}/net_prio`),
  },
  {
    programs: ["linux_cgroups_memory", "linux_cgroups_relative_memory"],
    why: "writing memory.kmem.limit_in_bytes has no effect any more (since Linux 5.16)",
    holds: () => {
      const [major = 0, minor = 0] = release().split(".").map(Number);
      return major > 5 || (major === 5 && minor >= 16);
    },
  },
  {
    programs: ["process_capabilities"],
    why: "CAP_SYS_RESOURCE is missing from this machine's bounding set",
    holds: () => {
      const set = /^CapBnd:\s+(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
      return ((BigInt(`0x${set}`) >> 24n) & 1n) === 0n;
    },
  },
  {
    programs: ["prestart"],
    why: "wants prestart hooks in start; runtime-spec 1.3 puts them into create",
    holds: () => true,
  },
  {
    programs: ["poststart_fail"],
    why: "wants a warning for a failed poststart hook; runtime-spec 1.3 wants an error and a stop",
    holds: () => true,
  },
];

/** Why a program cannot pass here, or undefined. */
export function explanation(program: string): string | undefined {
  return REASONS.find(({ programs, holds }) => programs.includes(program) && holds())?.why;
}
