// One volume: its record, its shape on Docker's wire, and the filters that pick it. Pure.

import type { Volume } from "@docker/node-sdk";
import * as z from "zod";
import { FairleadError } from "../../../resources/model/errors.ts";
import { recordForm } from "../../state/record.ts";
import { salvage, salvageText, salvageTexts } from "../../state/salvage.ts";
import { VOLUME_DRIVERS } from "../../storage/volume/registry.ts";
import { hasLabel, hasLabels, readTruth } from "../filter.ts";

/** What volume.json says. */
export interface VolumeRecord {
  name: string;
  /** Absent in records of earlier versions. */
  driver?: string;
  /** RFC 3339. */
  createdAt: string;
  labels: Record<string, string>;
  /** The driver's own; empty for a plain directory. */
  options: Record<string, string>;
  anonymous: boolean;
}

/** volume.json. */
export const volumeForm = recordForm<VolumeRecord>(
  {
    what: "the record of a volume",
    remedy:
      "what was still whole in it is used; remove the file once the volume is as it should be",
    version: 1,
  },
  z.looseObject({
    name: z.string(),
    driver: z.string().optional(),
    createdAt: z.string(),
    labels: z.record(z.string(), z.string()),
    options: z.record(z.string(), z.string()),
    anonymous: z.boolean(),
  }),
);

/** What a damaged volume.json still says; undefined when a device may stand behind the volume. */
export function salvageVolume(
  name: string,
  text: string,
  hasData: boolean,
): VolumeRecord | undefined {
  const options = salvageTexts(text, "options") ?? (hasData ? {} : undefined);
  if (options === undefined) return undefined;
  return {
    name,
    createdAt: salvageText(text, "createdAt") ?? new Date(0).toISOString(),
    labels: salvageTexts(text, "labels") ?? {},
    options,
    anonymous: salvage(text, "anonymous") === true,
  };
}

export function driverOf({ driver }: VolumeRecord): string {
  return driver ?? VOLUME_DRIVERS[0].name;
}

export const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

export interface VolumeUsage {
  bytes: number;
  containers: number;
}

export function inspectVolume(record: VolumeRecord, mountpoint: string): Volume {
  return {
    CreatedAt: record.createdAt.replace(/\.\d+Z$/, "Z"),
    Driver: driverOf(record),
    Labels: record.labels,
    Mountpoint: mountpoint,
    Name: record.name,
    Options: record.options,
    Scope: "local",
  };
}

/** The same with what `docker system df` wants. */
export function volumeWithUsage(volume: Volume, usage: VolumeUsage): Volume {
  return { ...volume, UsageData: { Size: usage.bytes, RefCount: usage.containers } };
}

/** Docker's grammar of volume names, so that a name is a folder and nothing else. */
export function checkVolumeName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/.test(name)) return;
  const shown = name.slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
  throw new FairleadError(
    "invalid",
    `create ${shown}: ${JSON.stringify(shown)} includes invalid characters for a local volume ` +
      'name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed, from 2 to 255 of them. ' +
      "If you intended to pass a host directory, use absolute path",
  );
}

/** Whether a volume meets Docker's filters; `name` matches a part of the name. */
export function matchesVolume(
  record: VolumeRecord,
  inUse: boolean,
  filters: ReadonlyMap<string, readonly string[]>,
): boolean {
  return [...filters].every(([key, values]) => {
    if (values.length === 0) return true;
    switch (key) {
      case "name":
        return values.some((value) => record.name.includes(value));
      case "label":
        return hasLabels(record.labels, values);
      case "label!":
        return !values.some((value) => hasLabel(record.labels, value));
      case "driver":
        return values.includes(driverOf(record));
      case "dangling":
        return readTruth(key, values) !== inUse;
      default:
        throw new FairleadError("invalid", `invalid filter '${key}'`);
    }
  });
}
