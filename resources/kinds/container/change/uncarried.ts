// What a container made elsewhere has and no field here can say: an import tells it, because the
// next replacement would lose it.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import { tmpfsOptions } from "../docker/file-facets.ts";

// Of HostConfig, with what docker's command calls it. Engines show these unset in several ways.
const OPTIONS: Record<string, string> = {
  PublishAllPorts: "--publish-all",
  CpuQuota: "--cpu-quota",
  CpuPeriod: "--cpu-period",
  CpuRealtimePeriod: "--cpu-rt-period",
  CpuRealtimeRuntime: "--cpu-rt-runtime",
  CpusetMems: "--cpuset-mems",
  MemorySwappiness: "--memory-swappiness",
  OomKillDisable: "--oom-kill-disable",
  BlkioWeight: "--blkio-weight",
  BlkioWeightDevice: "--blkio-weight-device",
  BlkioDeviceReadBps: "--device-read-bps",
  BlkioDeviceWriteBps: "--device-write-bps",
  BlkioDeviceReadIOps: "--device-read-iops",
  BlkioDeviceWriteIOps: "--device-write-iops",
  StorageOpt: "--storage-opt",
  VolumesFrom: "--volumes-from",
  Links: "--link",
  CgroupParent: "--cgroup-parent",
  DeviceRequests: "--gpus",
  AutoRemove: "--rm",
};

/** The options of docker that it was made with and that are not carried over. */
export function uncarriedOptions({ HostConfig }: ContainerInspectResponse): string[] {
  const shown = (HostConfig ?? {}) as Record<string, unknown>;
  const set = Object.keys(OPTIONS).filter((key) => isSet(key, shown[key]));
  const tmpfs = Object.entries(HostConfig?.Tmpfs ?? {}).flatMap(([target, text]) => {
    const rest = tmpfsOptions(text).others;
    return rest.length > 0 ? [`--tmpfs ${target}:${rest.join(",")}`] : [];
  });
  return [...set.map((key) => OPTIONS[key]!), ...tmpfs];
}

function isSet(key: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  if (value === 0) return key === "MemorySwappiness";
  if (value === -1) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
