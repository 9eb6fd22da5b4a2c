// What a container made elsewhere has and no field here can say: an import tells it, because the
// next replacement would lose it.
import type { ContainerInspectResponse } from "@docker/node-sdk";

// Of HostConfig, with what docker's command calls it. Engines show these unset in several ways.
const OPTIONS: Record<string, string> = {
  CpuQuota: "--cpu-quota",
  CpuPeriod: "--cpu-period",
  CpusetMems: "--cpuset-mems",
  DeviceRequests: "--gpus",
  AutoRemove: "--rm",
};

/** The options of docker that it was made with and that are not carried over. */
export function uncarriedOptions({ HostConfig }: ContainerInspectResponse): string[] {
  const shown = (HostConfig ?? {}) as Record<string, unknown>;
  const set = Object.keys(OPTIONS).filter((key) => isSet(shown[key]));
  return set.map((key) => OPTIONS[key]!);
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  if (value === 0 || value === -1) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
