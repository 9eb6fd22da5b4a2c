// Checks Docker's resource limits and the options that contradict each other, before anything is
// made. What cannot be honoured is refused here with its name.
import { existsSync } from "node:fs";
import type { ContainerConfig, HostConfig, Resources } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { DriverLimit } from "../../../../resources/wire.ts";
import { VOLUME_DRIVERS } from "../../../storage/volume/registry.ts";
import { type HostFacts, readText } from "../../host.ts";
import { checkControllers } from "./controllers.ts";

const NO_QUOTA = "the storage driver has no quota";
const MINIMUM_MEMORY = 6 * 1024 * 1024;

function refuse(message: string, hint?: string): never {
  throw new FairleadError("invalid", message, { hint });
}

function unsupported(field: string, hint: string): never {
  throw new FairleadError("unsupported", `HostConfig.${field} is not supported`, { hint });
}

/** Every limit that create and update share. */
export function checkResources(limits: Resources, facts: HostFacts): void {
  checkMemory(limits);
  checkControllers(limits, facts);
  if (facts.cgroup.version === 2) checkUnified(limits);
  checkCpu(limits, facts);
  const weight = limits.BlkioWeight ?? 0;
  if (weight !== 0 && (weight < 10 || weight > 1000)) {
    refuse("Range of blkio weight is from 10 to 1000");
  }
  if ((limits.DeviceRequests ?? []).length > 0) {
    refuse('could not select device driver "" with capabilities: [[gpu]]', "use Devices instead");
  }
  for (const field of ["CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth"] as const) {
    if (limits[field]) unsupported(field, "it is an option of Windows");
  }
  if (limits.CgroupParent?.split("/").includes("..")) {
    refuse("CgroupParent: it must not lead out of its place with '..'");
  }
  const kernelMemory = (limits as { KernelMemory?: number }).KernelMemory ?? 0;
  if (kernelMemory > 0) unsupported("KernelMemory", "the kernel no longer has it; use Memory");
}

/** A group has no more real-time than those above it, which is nothing at first. */
function noRealtime(cpu: string, instance: string): string | undefined {
  const file = `${cpu}/${instance}/cpu.rt_runtime_us`;
  if (!existsSync(`${cpu}/cpu.rt_runtime_us`)) return "the kernel has no real-time groups";
  if (Number(readText(file)) > 0) return undefined;
  return `no real-time is given to the containers of this host: write it to ${file}`;
}

function checkMemory(limits: Resources): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0 } = limits;
  if (Memory < 0) refuse("Memory cannot be negative");
  if (Memory > 0 && Memory < MINIMUM_MEMORY) refuse("Minimum memory limit allowed is 6MB");
  if (MemorySwap > 0 && Memory === 0) {
    refuse("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  if (MemorySwap > 0 && MemorySwap < Memory) {
    refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (MemoryReservation > 0 && MemoryReservation < MINIMUM_MEMORY) {
    refuse("Minimum memory reservation allowed is 6MB");
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    refuse("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  const swappiness = limits.MemorySwappiness ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    refuse(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
}

const UNIFIED = "the control groups of this host are of version 2, which has no such limit";

/** What the unified hierarchy has no file for. */
function checkUnified(limits: Resources): void {
  if (limits.KernelMemoryTCP) unsupported("KernelMemoryTCP", UNIFIED);
  if (limits.OomKillDisable) unsupported("OomKillDisable", UNIFIED);
  if ((limits.MemorySwappiness ?? -1) >= 0) unsupported("MemorySwappiness", UNIFIED);
  if (limits.CpuRealtimePeriod) unsupported("CpuRealtimePeriod", UNIFIED);
  if (limits.CpuRealtimeRuntime) unsupported("CpuRealtimeRuntime", UNIFIED);
}

/** What no container can have here, in the words of its declaration. */
export function resourceLimits({ cgroup }: HostFacts, instance: string): DriverLimit[] {
  const quota = { field: "storageOpt", why: NO_QUOTA };
  if (cgroup.version === 1) {
    const why = noRealtime(cgroup.mounts.cpu ?? "", instance);
    return [quota, ...(why === undefined ? [] : [{ field: "cpuRealtimeRuntime", why }])];
  }
  const swappiness = Array.from({ length: 101 }, (_, value) => String(value));
  return [
    quota,
    { field: "memorySwappiness", values: swappiness, why: UNIFIED },
    ...["oomKillDisable", "cpuRealtimePeriod", "cpuRealtimeRuntime"].map((field) => {
      return { field, why: UNIFIED };
    }),
  ];
}

function checkCpu(limits: Resources, facts: HostFacts): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = limits;
  if (NanoCpus > 0 && (CpuPeriod > 0 || CpuQuota !== 0)) {
    refuse("Conflicting options: Nano CPUs and CPU Period/Quota cannot both be set");
  }
  if (NanoCpus < 0 || NanoCpus > facts.cpus * 1e9) {
    refuse(
      `range of CPUs is from 0.01 to ${facts.cpus}.00, as there are only ${facts.cpus} CPUs ` +
        "available",
    );
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    refuse("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (CpuQuota > 0 && CpuQuota < 1000) {
    refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  }
  if (CpuShares < 0) refuse(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  checkSet("CpusetCpus", limits.CpusetCpus, facts.cpus);
  checkSet("CpusetMems", limits.CpusetMems, undefined);
}

/** `0-2,5`; a number beyond what the host has is refused. */
function checkSet(field: string, text: string | undefined, count: number | undefined): void {
  if (!text) return;
  const parts = text.split(",").map((part) => /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()));
  if (parts.some((part) => part === null)) refuse(`Invalid value ${text} for ${field}`);
  const highest = Math.max(...parts.map((part) => Number(part?.[2] ?? part?.[1])));
  if (count !== undefined && highest >= count) {
    refuse(`Requested CPUs are not available - requested ${text}, available: 0-${count - 1}`);
  }
}

/** Options of HostConfig that exclude each other or that this engine has not. */
export function checkHostConfig(host: HostConfig, config: ContainerConfig): void {
  const policy = host.RestartPolicy?.Name || "no";
  const retries = host.RestartPolicy?.MaximumRetryCount ?? 0;
  if (!["no", "always", "unless-stopped", "on-failure"].includes(policy)) {
    refuse(`invalid restart policy: unknown policy '${policy}'`);
  }
  if (retries < 0) refuse("invalid restart policy: maximum retry count cannot be negative");
  if (retries > 0 && policy !== "on-failure") {
    refuse("invalid restart policy: maximum retry count can only be used with 'on-failure' policy");
  }
  if (host.AutoRemove && policy !== "no") {
    refuse("can't create 'AutoRemove' container with restart policy");
  }
  checkModes(host);
  if (Object.hasOwn(host.Annotations ?? {}, "")) {
    refuse("invalid Annotations: the empty string is not permitted as an annotation key");
  }
  for (const entry of config.Env ?? []) {
    if (/^(=|$)/.test(entry)) refuse(`invalid environment variable: ${entry}`);
  }
  if (Object.keys(host.StorageOpt ?? {}).length > 0) {
    unsupported("StorageOpt", NO_QUOTA);
  }
  if (host.VolumeDriver && !VOLUME_DRIVERS.some(({ name }) => name === host.VolumeDriver)) {
    unsupported("VolumeDriver", `use ${VOLUME_DRIVERS.map(({ name }) => name).join(" or ")}`);
  }
  const score = host.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    refuse(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  if ((host.ShmSize ?? 0) < 0) refuse("SHM size can not be less than 0");
  if (config.WorkingDir && !config.WorkingDir.startsWith("/")) {
    refuse(
      `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`,
    );
  }
  for (const { Name = "", Soft = 0, Hard = 0 } of host.Ulimits ?? []) checkUlimit(Name, Soft, Hard);
}

function checkModes(host: HostConfig): void {
  if (!["", "host"].includes(host.UTSMode ?? "")) refuse(`invalid UTS mode: ${host.UTSMode}`);
  if (!["", "host"].includes(host.UsernsMode ?? ""))
    refuse(`invalid user namespace mode: ${host.UsernsMode}`);
  if (!["", "private", "host"].includes(host.CgroupnsMode ?? ""))
    refuse(`invalid cgroup namespace mode: ${host.CgroupnsMode}`);
  if (!["", "default"].includes(host.Isolation ?? ""))
    refuse(`invalid isolation '${host.Isolation}' on linux`);
  if (host.Cgroup) refuse(`HostConfig.Cgroup: ${host.Cgroup} is not supported`);
  const ipc = host.IpcMode ?? "";
  if (!/^(|private|shareable|host|none|container:.+)$/.test(ipc))
    refuse(`invalid IPC mode: ${ipc}`);
  const pid = host.PidMode ?? "";
  if (!/^(|host|container:.+)$/.test(pid)) refuse(`invalid PID mode: ${pid}`);
}

const ULIMITS = `as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime
  sigpending stack`.split(/\s+/);

function checkUlimit(name: string, soft: number, hard: number): void {
  if (!ULIMITS.includes(name)) refuse(`invalid ulimit type: ${name}`);
  if (hard >= 0 && (soft > hard || soft < 0)) {
    refuse(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
}
