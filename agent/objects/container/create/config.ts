// Completes a container's configuration from its image, and HostConfig with Docker's defaults.
// Pure.

import { posix } from "node:path";
import type { ContainerConfig, HealthConfig, HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { ImageConfig } from "../../../images/image-config.ts";
import { DEFAULT_LOG_DRIVER } from "../../../logs/drivers/registry.ts";
import { defaultPaths } from "../../../runtime/spec.ts";
import { networkNamed } from "../../network/predefined.ts";

type LogType = NonNullable<NonNullable<HostConfig["LogConfig"]>["Type"]>;

/** The user's configuration over the image's, as dockerd merges them. */
export function mergeConfig(user: ContainerConfig, image: ImageConfig): ContainerConfig {
  const from = image.config ?? {};
  const exposed = { ...from.ExposedPorts, ...user.ExposedPorts };
  const volumes = { ...from.Volumes, ...user.Volumes };
  const healthcheck = mergeHealthcheck(user.Healthcheck, from.Healthcheck);
  const stopSignal = user.StopSignal || from.StopSignal;
  return {
    ...user,
    ...commandOf(user, image),
    User: user.User || from.User || "",
    Env: mergeEnv(user.Env ?? [], from.Env ?? []),
    WorkingDir: cleanPath(user.WorkingDir || from.WorkingDir || ""),
    Labels: { ...from.Labels, ...user.Labels },
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    ...(Object.keys(volumes).length > 0 ? { Volumes: volumes } : {}),
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
    ...(stopSignal ? { StopSignal: stopSignal } : {}),
  };
}

/** Go's filepath.Clean; a path that is not absolute is refused elsewhere. */
function cleanPath(path: string): string {
  return path === "" ? "" : posix.normalize(path).replace(/(.)\/+$/, "$1");
}

/** A user's entrypoint replaces the image's command too; `[""]` is none at all. */
function commandOf(user: ContainerConfig, image: ImageConfig): object {
  let entrypoint = user.Entrypoint ?? null;
  let command = user.Cmd ?? null;
  if (!entrypoint?.length) {
    if (!command?.length) command = image.config?.Cmd ?? null;
    entrypoint ??= image.config?.Entrypoint ?? null;
  }
  if (entrypoint?.length === 1 && entrypoint[0] === "") entrypoint = null;
  if (!entrypoint?.length && !command?.length) {
    throw new FairleadError("invalid", "no command specified");
  }
  return { Entrypoint: entrypoint, Cmd: command };
}

function mergeEnv(user: string[], image: string[]): string[] {
  const key = (entry: string) => entry.split("=", 1)[0] ?? "";
  const keys = new Set(user.map(key));
  // `NAME` without a value stays: it takes away what the image or the engine would set.
  return [...user, ...image.filter((entry) => !keys.has(key(entry)))];
}

function mergeHealthcheck(
  user: HealthConfig | undefined,
  image: HealthConfig | undefined,
): HealthConfig | undefined {
  if (!user) return image;
  if (!image) return user.Test?.length ? user : undefined;
  const merged: HealthConfig = { ...image };
  for (const [key, value] of Object.entries(user)) {
    if (Array.isArray(value) ? value.length > 0 : value) Object.assign(merged, { [key]: value });
  }
  return merged;
}

/** HostConfig as inspect tells it: every default filled in. */
export function completeHostConfig(
  host: HostConfig,
  context: { cgroupVersion: 1 | 2; runtime: string },
): HostConfig {
  const privileged = host.Privileged === true;
  const paths = defaultPaths(privileged);
  const mode = host.NetworkMode ?? "";
  return {
    ...EMPTY_HOST,
    ...host,
    NetworkMode: networkNamed(mode),
    RestartPolicy: { Name: "no", MaximumRetryCount: 0, ...named(host.RestartPolicy) },
    LogConfig: {
      Type: host.LogConfig?.Type || (DEFAULT_LOG_DRIVER as LogType),
      Config: host.LogConfig?.Config ?? {},
    },
    // With a memory limit and none for swap, swap may double it.
    MemorySwap: host.MemorySwap || (host.Memory ?? 0) * 2,
    ShmSize: host.ShmSize || 64 * 1024 * 1024,
    IpcMode: host.IpcMode || "private",
    CgroupnsMode:
      host.CgroupnsMode || (context.cgroupVersion === 2 && !privileged ? "private" : "host"),
    Runtime: host.Runtime || context.runtime,
    MaskedPaths: host.MaskedPaths ?? (privileged ? (null as never) : paths.masked),
    ReadonlyPaths: host.ReadonlyPaths ?? (privileged ? (null as never) : paths.readOnly),
  };
}

function named(policy: HostConfig["RestartPolicy"]): object {
  return policy?.Name ? policy : {};
}

const EMPTY_HOST: HostConfig & Record<string, unknown> = {
  Binds: null as never,
  ContainerIDFile: "",
  PortBindings: {},
  AutoRemove: false,
  VolumeDriver: "",
  VolumesFrom: null as never,
  ConsoleSize: [0, 0],
  CapAdd: null as never,
  CapDrop: null as never,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null as never,
  GroupAdd: null as never,
  Cgroup: "",
  Links: null as never,
  OomScoreAdj: 0,
  PidMode: "",
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null as never,
  UTSMode: "",
  UsernsMode: "",
  Isolation: "",
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: "",
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: "",
  CpusetMems: "",
  Devices: [],
  DeviceCgroupRules: null as never,
  DeviceRequests: null as never,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null as never,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};
