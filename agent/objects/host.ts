// Facts about this host, read from /proc and /sys once or when asked; changes nothing.
import { readFileSync, statSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem, version } from "node:os";

export interface HostFacts {
  bootId: string;
  hostname: string;
  kernel: string;
  operatingSystem: string;
  operatingSystemVersion: string;
  /** As uname(1) says, such as x86_64. */
  machine: string;
  /** As images say, such as amd64. */
  architecture: string;
  cpus: number;
  memoryBytes: number;
  cgroup: CgroupFacts;
  /** Set for the agent of an ordinary user, which is root of a user namespace only. */
  rootless: RootlessFacts | undefined;
}

export interface RootlessFacts {
  /** How many ids the namespace has: 1 where the user has no ranges in subuid(5). */
  ids: number;
}

export interface CgroupFacts {
  version: 1 | 2;
  /** Where the hierarchy of each controller is mounted; on version 2 all in the same place. */
  mounts: Record<string, string>;
  /** The root of the unified hierarchy, also on hybrid hosts. */
  unified: string | undefined;
}

const ARCHITECTURES: Record<string, { machine: string; architecture: string }> = {
  x64: { machine: "x86_64", architecture: "amd64" },
  arm64: { machine: "aarch64", architecture: "arm64" },
};

/** Reads everything anew; takes well under a millisecond. */
export function readHostFacts(): HostFacts {
  const release_ = osRelease();
  const known = ARCHITECTURES[arch()] ?? { machine: arch(), architecture: arch() };
  return {
    bootId: readText("/proc/sys/kernel/random/boot_id").trim(),
    hostname: hostname(),
    kernel: release(),
    operatingSystem: release_.PRETTY_NAME ?? version(),
    operatingSystemVersion: release_.VERSION_ID ?? "",
    ...known,
    cpus: cpus().length,
    memoryBytes: totalmem(),
    cgroup: readCgroups(),
    rootless: readRootless(),
  };
}

/** The variable is set by `fairlead-runtime rootless enter`. */
function readRootless(): RootlessFacts | undefined {
  if (process.env.FAIRLEAD_ROOTLESS !== "1") return undefined;
  const sizes = ["uid_map", "gid_map"].map((map) =>
    readText(`/proc/self/${map}`)
      .trim()
      .split("\n")
      .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0),
  );
  return { ids: Math.min(...sizes) };
}

/** Which cgroup layout the kernel shows here: v2, v1, or hybrid (counted as v1, as Docker does). */
function readCgroups(): CgroupFacts {
  const mounts: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of readText("/proc/self/mounts").split("\n")) {
    const [, path = "", type = "", options = ""] = line.split(" ");
    // What another mount covers is listed as well, and cannot be reached.
    if (!type.startsWith("cgroup") || !exists(`${path}/cgroup.procs`)) continue;
    if (type === "cgroup2") unified ??= path;
    if (type !== "cgroup") continue;
    for (const option of options.split(",")) mounts[option] ??= path;
  }
  if (mounts.memory !== undefined || mounts.cpu !== undefined || unified === undefined) {
    return { version: 1, mounts, unified };
  }
  const controllers = readText(`${unified}/cgroup.controllers`).trim().split(" ");
  return { version: 2, mounts: Object.fromEntries(controllers.map((c) => [c, unified])), unified };
}

/** Whether the kernel speaks IPv6 (proc(5)). */
export function hasIPv6(): boolean {
  return exists("/proc/net/if_inet6");
}

/** The text of a small file; "" when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Whether a path exists, following links. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function osRelease(): Record<string, string> {
  const text = readText("/etc/os-release") || readText("/usr/lib/os-release");
  const pairs = text.split("\n").map((line) => /^(\w+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line));
  return Object.fromEntries(
    pairs.flatMap((match) => (match ? [[match[1], match[2] ?? match[3] ?? match[4] ?? ""]] : [])),
  );
}
