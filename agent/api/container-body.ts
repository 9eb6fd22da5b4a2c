// The shapes of request bodies about containers, checked before anything else sees them. A key that
// is unknown here is refused when it asks for something, since it would have no effect.

import type { ContainerConfig, HostConfig, NetworkingConfig } from "@docker/node-sdk";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { type FileRequest, fileRequest } from "../../resources/wire.ts";

const text = z.nullish(z.string().check(z.maxLength(65_536)));
const flag = z.nullish(z.boolean());
const integer = z.nullish(z.int());
const texts = z.nullish(z.array(z.string().check(z.maxLength(131_072))));
const textMap = z.nullish(z.record(z.string(), z.nullable(z.string())));
const anyMap = z.nullish(z.record(z.string(), z.unknown()));
/** Docker takes a command as one word too. */
const command = z.nullish(z.union([z.array(z.string()), z.string()]));

const healthcheck = z.nullish(
  z.looseObject({
    Test: texts,
    Interval: integer,
    Timeout: integer,
    Retries: integer,
    StartPeriod: integer,
    StartInterval: integer,
  }),
);

const rate = z.nullish(z.array(z.looseObject({ Path: z.string(), Rate: z.int() })));

const resources = {
  CpuShares: integer,
  Memory: integer,
  CgroupParent: z.nullish(z.string().check(z.regex(/^[A-Za-z0-9_.:/-]{0,1024}$/))),
  BlkioWeight: integer,
  BlkioWeightDevice: z.nullish(z.array(z.looseObject({ Path: z.string(), Weight: z.int() }))),
  BlkioDeviceReadBps: rate,
  BlkioDeviceWriteBps: rate,
  BlkioDeviceReadIOps: rate,
  BlkioDeviceWriteIOps: rate,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: z.nullish(
    z.array(
      z.looseObject({ PathOnHost: z.string(), PathInContainer: text, CgroupPermissions: text }),
    ),
  ),
  DeviceCgroupRules: texts,
  DeviceRequests: z.nullish(z.array(z.looseObject({}))),
  KernelMemory: integer,
  KernelMemoryTCP: integer,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  NanoCpus: integer,
  OomKillDisable: flag,
  Init: flag,
  PidsLimit: integer,
  Ulimits: z.nullish(z.array(z.looseObject({ Name: z.string(), Soft: z.int(), Hard: z.int() }))),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
};

const restartPolicy = z.nullish(z.looseObject({ Name: text, MaximumRetryCount: integer }));

const mount = z.looseObject({
  Type: z.nullish(z.string()),
  Source: text,
  Target: z.string(),
  ReadOnly: flag,
  Consistency: text,
  BindOptions: z.nullish(
    z.looseObject({
      Propagation: text,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: z.nullish(
    z.looseObject({
      NoCopy: flag,
      Labels: textMap,
      Subpath: text,
      DriverConfig: z.nullish(z.looseObject({ Name: text, Options: textMap })),
    }),
  ),
  TmpfsOptions: z.nullish(
    z.looseObject({
      SizeBytes: integer,
      Mode: integer,
      Options: z.nullish(z.array(z.array(z.string()))),
    }),
  ),
});

const hostConfig = z.looseObject({
  ...resources,
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: z.nullish(z.looseObject({ Type: text, Config: textMap })),
  NetworkMode: text,
  PortBindings: z.nullish(
    z.record(z.string(), z.nullish(z.array(z.looseObject({ HostIp: text, HostPort: text })))),
  ),
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  Mounts: z.nullish(z.array(mount)),
  ConsoleSize: z.nullish(z.array(z.int())),
  Annotations: textMap,
  CapAdd: texts,
  CapDrop: texts,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: integer,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: integer,
  Sysctls: textMap,
  Runtime: text,
  Isolation: text,
  MaskedPaths: texts,
  ReadonlyPaths: texts,
});

const endpoint = z.looseObject({
  IPAMConfig: z.nullish(
    z.looseObject({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts }),
  ),
  Links: texts,
  MacAddress: text,
  Aliases: texts,
  DriverOpts: textMap,
  GwPriority: integer,
});

const config = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: anyMap,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: command,
  Healthcheck: healthcheck,
  ArgsEscaped: flag,
  Image: text,
  Volumes: anyMap,
  WorkingDir: text,
  Entrypoint: command,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: integer,
  Shell: texts,
};

const createBody = z.looseObject({
  ...config,
  HostConfig: z.nullish(hostConfig),
  NetworkingConfig: z.nullish(
    z.looseObject({ EndpointsConfig: z.nullish(z.record(z.string(), z.nullish(endpoint))) }),
  ),
  Fairlead: z.nullish(z.strictObject({ Files: z.array(fileRequest) })),
});

const updateBody = z.looseObject({ ...resources, RestartPolicy: restartPolicy });

const execBody = z.looseObject({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ConsoleSize: z.nullish(z.array(z.int())),
  DetachKeys: text,
  Tty: flag,
  Env: texts,
  Cmd: command,
  Privileged: flag,
  User: text,
  WorkingDir: text,
});

const execStartBody = z.looseObject({
  Detach: flag,
  Tty: flag,
  ConsoleSize: z.nullish(z.array(z.int())),
});

export interface CreateBody {
  config: ContainerConfig;
  hostConfig: HostConfig;
  networking: NetworkingConfig;
  files: FileRequest[];
}

/** The body of POST /containers/create, without nulls and with commands as lists. */
export function readCreateBody(value: unknown): CreateBody {
  const { HostConfig, NetworkingConfig, Fairlead, ...rest } = parse(createBody, value);
  refuseUnknown("", rest, config);
  refuseUnknown("HostConfig.", HostConfig ?? {}, hostConfig.shape);
  return {
    config: withLists(withoutNulls(rest)) as ContainerConfig,
    hostConfig: withoutNulls(HostConfig ?? {}) as HostConfig,
    networking: withoutNulls(NetworkingConfig ?? {}) as NetworkingConfig,
    files: Fairlead?.Files ?? [],
  };
}

export const readUpdateBody = (value: unknown) => withoutNulls(parse(updateBody, value));
export const readExecBody = (value: unknown) => withLists(withoutNulls(parse(execBody, value)));
export const readExecStartBody = (value: unknown) =>
  withoutNulls(parse(execStartBody, value ?? {}));
export const readEndpoint = (value: unknown) => withoutNulls(parse(endpoint, value ?? {}));

/** Decodes by a schema; `invalid` lists every wrong key with its path. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 20).map(({ path, message, code }) => {
    const where = path.length > 0 ? path.join(".") : "the body";
    return `${where}: ${message || code}`;
  });
  throw new FairleadError("invalid", `invalid request: ${problems.join("; ")}`);
}

/** Docker's null is the same as an absent key, everywhere but in a map's values. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)])) as T;
}

function refuseUnknown(path: string, value: object, shape: object): void {
  const empty = (item: unknown) =>
    !item || (typeof item === "object" && Object.keys(item).length === 0);
  for (const [key, item] of Object.entries(value)) {
    if (Object.hasOwn(shape, key) || empty(item)) continue;
    throw new FairleadError("unsupported", `${path}${key.slice(0, 100)} is not supported`, {
      hint: "leave it out",
    });
  }
}

function withLists<T extends object>(value: T): T {
  const list = (item: unknown) => (typeof item === "string" ? [item] : item);
  const entries = Object.entries(value).map(([key, item]) =>
    key === "Cmd" || key === "Entrypoint" ? [key, list(item)] : [key, item],
  );
  return Object.fromEntries(entries) as T;
}
