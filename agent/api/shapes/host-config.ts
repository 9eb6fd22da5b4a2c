// HostConfig: how a container is joined to its host.
import * as z from "zod";
import { resources, restartPolicy } from "./resources.ts";
import { flag, integer, text, textMap, texts } from "./values.ts";

const mount = z.object({
  Type: z.optional(z.string()),
  Source: text,
  Target: z.string(),
  ReadOnly: flag,
  Consistency: text,
  BindOptions: z.optional(
    z.object({
      Propagation: text,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: z.optional(
    z.object({
      NoCopy: flag,
      Labels: textMap,
      Subpath: text,
      DriverConfig: z.optional(z.object({ Name: text, Options: textMap })),
    }),
  ),
  TmpfsOptions: z.optional(
    z.object({
      SizeBytes: integer,
      Mode: integer,
      Options: z.optional(z.array(z.array(z.string()))),
    }),
  ),
});

export const hostConfig = z.object({
  ...resources,
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: z.optional(z.object({ Type: text, Config: textMap })),
  NetworkMode: text,
  PortBindings: z.optional(
    z.record(z.string(), z.nullish(z.array(z.object({ HostIp: text, HostPort: text })))),
  ),
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  Mounts: z.optional(z.array(mount)),
  ConsoleSize: z.optional(z.array(z.int())),
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
