// Facets of limits, privileges, labels and logging.
import { isOneOf, labelsFacet } from "../../../plan/facet.ts";
import { userLabels } from "../../../plan/ownership.ts";
import type { ContainerSpec } from "../container.ts";
import { blockIo } from "./block-io-facet.ts";
import { type Facet, inHostConfig, listInHostConfig, mapInHostConfig } from "./facet.ts";

type Value<F extends keyof ContainerSpec> = NonNullable<ContainerSpec[F]>;

const cpus: Facet<number> = {
  write: (value, into) => {
    into.HostConfig.NanoCpus = Math.round(value * 1e9);
  },
  normal: (value) => Math.round(value * 1e9) / 1e9,
  read: (seen) => (seen.HostConfig?.NanoCpus ?? 0) / 1e9,
  compare: "whole",
};

const pidsLimit: Facet<number> = {
  write: (value, into) => {
    into.HostConfig.PidsLimit = value;
  },
  normal: (value) => (value <= 0 ? -1 : value),
  read: (seen) => seen.HostConfig?.PidsLimit || -1,
  compare: "whole",
  clear: -1,
  isUnset: isOneOf(-1),
};

const ulimits: Facet<Value<"ulimits">> = {
  write: (value, into) => {
    into.HostConfig.Ulimits = Object.entries(value).map(([Name, { soft, hard }]) => ({
      Name,
      Soft: soft,
      Hard: hard,
    }));
  },
  normal: (value) => value,
  read: (seen) =>
    Object.fromEntries(
      (seen.HostConfig?.Ulimits ?? []).map(({ Name, Soft, Hard }) => [
        Name ?? "",
        { soft: Soft, hard: Hard },
      ]),
    ),
  compare: "keys",
};

const labels: Facet<Record<string, string>> = {
  ...labelsFacet((seen) => userLabels(seen.Config?.Labels)),
  inherited: true,
};

const logging: Facet<Value<"logging">> = {
  write: (value, into) => {
    into.HostConfig.LogConfig = {
      Type: (value.driver ?? "json-file") as "json-file",
      Config: value.options ?? {},
    };
  },
  normal: (value) => flat(value.driver ?? "json-file", value.options ?? {}),
  read: (seen) =>
    flat(seen.HostConfig?.LogConfig?.Type ?? "json-file", seen.HostConfig?.LogConfig?.Config ?? {}),
  compare: "keys",
  isUnset: (form) => JSON.stringify(form) === '{"driver":"json-file"}',
  declared: ({ driver, ...flat }) => {
    const options = Object.entries(flat).map(([key, one]) => [key.replace(/^options\./, ""), one]);
    return { driver, ...(options.length > 0 ? { options: Object.fromEntries(options) } : {}) };
  },
};

export const limitFacets = {
  cpus,
  cpuShares: inHostConfig<number>("CpuShares", 0),
  cpuset: inHostConfig<string>("CpusetCpus", ""),
  memory: inHostConfig<number>("Memory", 0),
  memoryReservation: inHostConfig<number>("MemoryReservation", 0),
  memorySwap: inHostConfig<number>("MemorySwap", 0),
  cpuRealtimePeriod: inHostConfig<number>("CpuRealtimePeriod", 0),
  cpuRealtimeRuntime: inHostConfig<number>("CpuRealtimeRuntime", 0),
  memorySwappiness: inHostConfig<number>("MemorySwappiness", -1, {
    ...{ isUnset: isOneOf(-1), zeroCounts: true },
  }),
  oomKillDisable: inHostConfig<boolean>("OomKillDisable", false),
  blockIo,
  cgroupParent: inHostConfig<string>("CgroupParent", ""),
  pidsLimit,
  ulimits,
  oomScoreAdj: inHostConfig<number>("OomScoreAdj", 0),
  capAdd: capabilities("CapAdd"),
  capDrop: capabilities("CapDrop"),
  privileged: inHostConfig<boolean>("Privileged", false),
  securityOpt: listInHostConfig("SecurityOpt", "sorted"),
  sysctls: mapInHostConfig("Sysctls"),
  labels,
  annotations: mapInHostConfig("Annotations"),
  logging,
};

function capabilities(key: "CapAdd" | "CapDrop"): Facet<string[]> {
  const plain = (list: readonly string[]) =>
    [...new Set(list.map((name) => name.replace(/^CAP_/, "")))].sort();
  return {
    write: (value, into) => {
      into.HostConfig[key] = value;
    },
    normal: plain,
    read: (seen) => plain(seen.HostConfig?.[key] ?? []),
    compare: "whole",
  };
}

function flat(driver: string, options: Record<string, string>) {
  const entries = Object.entries(options).map(([key, value]) => [`options.${key}`, value]);
  return { driver, ...Object.fromEntries(entries) } as Record<string, string>;
}
