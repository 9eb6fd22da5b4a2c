// The limits that creation and update share, and the restart policy.
import * as z from "zod";
import { flag, integer, text, texts } from "./values.ts";

const rate = z.optional(z.array(z.object({ Path: z.string(), Rate: z.int() })));

export const resources = {
  CpuShares: integer,
  Memory: integer,
  CgroupParent: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_.:/-]{0,1024}$/))),
  BlkioWeight: integer,
  BlkioWeightDevice: z.optional(z.array(z.object({ Path: z.string(), Weight: z.int() }))),
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
  Devices: z.optional(
    z.array(z.object({ PathOnHost: z.string(), PathInContainer: text, CgroupPermissions: text })),
  ),
  DeviceCgroupRules: texts,
  DeviceRequests: z.optional(z.array(z.object({}))),
  KernelMemory: integer,
  KernelMemoryTCP: integer,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  NanoCpus: integer,
  OomKillDisable: flag,
  Init: flag,
  PidsLimit: integer,
  Ulimits: z.optional(z.array(z.object({ Name: z.string(), Soft: z.int(), Hard: z.int() }))),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
};

export const restartPolicy = z.optional(z.object({ Name: text, MaximumRetryCount: integer }));
