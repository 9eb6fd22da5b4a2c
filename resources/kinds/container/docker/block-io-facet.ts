// The facet of block devices' weights and rates: a key of HostConfig for each.
import type { HostConfig } from "@docker/node-sdk";
import type { Normal } from "../../../model/canonical.ts";
import type { BlockIo } from "../block-io.ts";
import type { Facet } from "./facet.ts";

const RATES = [
  ["readBps", "BlkioDeviceReadBps"],
  ["writeBps", "BlkioDeviceWriteBps"],
  ["readIops", "BlkioDeviceReadIOps"],
  ["writeIops", "BlkioDeviceWriteIOps"],
] as const satisfies [keyof BlockIo, keyof HostConfig][];

export const blockIo: Facet<BlockIo> = {
  write: ({ weight, weightDevices, ...rates }, { HostConfig: host }) => {
    if (weight !== undefined) host.BlkioWeight = weight;
    if (weightDevices) {
      host.BlkioWeightDevice = weightDevices.map(({ path, weight: Weight }) => ({
        Path: path,
        Weight,
      }));
    }
    for (const [field, key] of RATES) {
      const list = rates[field];
      if (list) host[key] = list.map(({ path, rate }) => ({ Path: path, Rate: rate }));
    }
  },
  normal: (value) => {
    const { weight, weightDevices, ...rates } = value;
    return present({
      weight,
      weightDevices: weightDevices && byPath(weightDevices),
      ...Object.fromEntries(RATES.map(([field]) => [field, byPath(rates[field] ?? [])])),
    });
  },
  read: ({ HostConfig: host }) =>
    present({
      weight: host?.BlkioWeight || undefined,
      weightDevices: byPath(
        (host?.BlkioWeightDevice ?? []).map(({ Path = "", Weight = 0 }) => ({
          path: Path,
          weight: Weight,
        })),
      ),
      ...Object.fromEntries(
        RATES.map(([field, key]) => {
          const list = (host?.[key] ?? []).map(({ Path = "", Rate = 0 }) => ({
            path: Path,
            rate: Rate,
          }));
          return [field, byPath(list)];
        }),
      ),
    }),
  compare: "whole",
};

function byPath<One extends { path: string }>(list: readonly One[]): One[] | undefined {
  return list.length === 0 ? undefined : list.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function present(value: Record<string, unknown>): Normal {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries) as Normal;
}
