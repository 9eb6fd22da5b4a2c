// Docker's system routes: version, info, disk usage, auth.

import type { SystemInfo, SystemVersion } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import { exists, type HostFacts, readHostFacts, readText } from "../objects/host.ts";
import type { Call, Reply, Route } from "./route.ts";
import { NEWEST_API, OLDEST_API } from "./version.ts";

export interface SystemParts {
  version: string;
  root: string;
  storage: { name: string; reason: string };
  /** Names of drivers; of the log drivers those that can be read, the usual one first. */
  drivers: { networks: string[]; volumes: string[]; logs: [string, ...string[]] };
  runtimes: { list(): { name: string; path: string; options: string[] }[]; default: string };
  /** Random, made once per root; Docker's `ID`. */
  engineId: string;
  containerCounts(): { running: number; paused: number; stopped: number };
  imageCount(): Promise<number>;
  /** What a person should know of this engine's limits. */
  warnings(): string[];
  listeners(): number;
  diskUsage(types: readonly string[], apiVersion: number): Promise<object>;
}

const DISK_TYPES = ["container", "image", "volume", "build-cache"];

export function systemRoutes(parts: SystemParts): Route[] {
  return [
    { method: "GET", path: "/version", handle: async () => ({ body: versionOf(parts) }) },
    { method: "GET", path: "/info", handle: async () => ({ body: await infoOf(parts) }) },
    { method: "GET", path: "/system/df", handle: (call) => diskUsage(call, parts) },
    // No builder, so no cache of builds: clean-ups of everything ask for it as well.
    { method: "GET", path: "/plugins", handle: async () => ({ body: [] }) },
  ];
}

function versionOf(parts: SystemParts): SystemVersion {
  const facts = readHostFacts();
  const details = {
    ApiVersion: NEWEST_API,
    MinAPIVersion: OLDEST_API,
    Arch: facts.architecture,
    BuildTime: "",
    Experimental: "false",
    GitCommit: "",
    GoVersion: "",
    KernelVersion: facts.kernel,
    Os: "linux",
  };
  return {
    Platform: { Name: "fairlead" },
    Components: [{ Name: "Engine", Version: parts.version, Details: details }],
    Version: parts.version,
    ApiVersion: NEWEST_API,
    MinAPIVersion: OLDEST_API,
    GitCommit: "",
    GoVersion: "",
    Os: "linux",
    Arch: facts.architecture,
    KernelVersion: facts.kernel,
    Experimental: false,
    BuildTime: "",
  };
}

async function infoOf(parts: SystemParts): Promise<SystemInfo> {
  const facts = readHostFacts();
  const counts = parts.containerCounts();
  return {
    ID: parts.engineId,
    Containers: counts.running + counts.paused + counts.stopped,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: await parts.imageCount(),
    Driver: parts.storage.name,
    DriverStatus: [["Chosen because", parts.storage.reason]],
    Plugins: {
      Volume: parts.drivers.volumes,
      Network: parts.drivers.networks,
      Log: parts.drivers.logs,
    },
    ...limitsOf(facts),
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: parts.drivers.logs[0],
    CgroupDriver: hasCgroups(facts) ? "cgroupfs" : "none",
    CgroupVersion: facts.cgroup.version === 2 ? "2" : "1",
    NEventsListener: parts.listeners(),
    ...hostOf(facts),
    IndexServerAddress: "https://index.docker.io/v1/",
    DockerRootDir: parts.root,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: parts.version,
    ...runtimesOf(parts.runtimes),
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: "fairlead-runtime",
    SecurityOptions: ["name=seccomp,profile=builtin", ...(facts.rootless ? ["name=rootless"] : [])],
    Warnings: parts.warnings(),
  };
}

function runtimesOf(
  runtimes: SystemParts["runtimes"],
): Pick<SystemInfo, "Runtimes" | "DefaultRuntime"> {
  const entries = runtimes.list().map(({ name, path, options }) => {
    return [name, { path, ...(options.length > 0 ? { runtimeArgs: options } : {}) }] as const;
  });
  return { Runtimes: Object.fromEntries(entries), DefaultRuntime: runtimes.default };
}

function hostOf(facts: HostFacts): SystemInfo {
  return {
    KernelVersion: facts.kernel,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.operatingSystemVersion,
    OSType: "linux",
    Architecture: facts.machine,
    NCPU: facts.cpus,
    MemTotal: facts.memoryBytes,
    Name: facts.hostname,
  };
}

function hasCgroups({ cgroup }: HostFacts): boolean {
  return cgroup.unified !== undefined || Object.keys(cgroup.mounts).length > 0;
}

/** Which limits this kernel can set. */
function limitsOf(facts: HostFacts): SystemInfo {
  const { mounts, version } = facts.cgroup;
  const has = (controller: string) => mounts[controller] !== undefined;
  const v1 = (controller: string, file: string) =>
    version === 1 && exists(`${mounts[controller] ?? "/nonexistent"}/${file}`);
  return {
    MemoryLimit: has("memory"),
    SwapLimit: has("memory") && (version === 2 || v1("memory", "memory.memsw.limit_in_bytes")),
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    OomKillDisable: v1("memory", "memory.oom_control"),
    IPv4Forwarding: readText("/proc/sys/net/ipv4/ip_forward").trim() === "1",
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
  };
}

async function diskUsage(call: Call, parts: SystemParts): Promise<Reply> {
  const asked = call.query.getAll("type");
  const wrong = asked.find((type) => !DISK_TYPES.includes(type));
  if (wrong !== undefined) {
    throw new FairleadError("invalid", `unknown object type: ${JSON.stringify(wrong)}`);
  }
  return { body: await parts.diskUsage(asked.length > 0 ? asked : DISK_TYPES, call.apiVersion) };
}

/** The agent keeps no credentials: they travel with each pull, so there is nothing to log in to. */
