// A volume between its spec and Docker's shapes.
import type { Volume, VolumeCreateOptions } from "@docker/node-sdk";
import type { NormalSpec } from "../../model/canonical.ts";
import { type Facet, isOneOf, labelsFacet, normalBy, writeBy } from "../../plan/facet.ts";
import { userLabels } from "../../plan/ownership.ts";
import type { VolumeSpec } from "./volume.ts";

// The type demands a facet for every field of the declaration.
export const volumeFacets: {
  [F in keyof VolumeSpec]-?: Facet<NonNullable<VolumeSpec[F]>, Volume, VolumeCreateOptions>;
} = {
  name: {
    write: (value, into) => {
      into.Name = value;
    },
    normal: (value) => value,
    read: ({ Name }) => Name,
    compare: "whole",
  },
  driver: {
    write: (value, into) => {
      into.Driver = value;
    },
    normal: (value) => value,
    read: ({ Driver }) => Driver,
    compare: "whole",
    isUnset: isOneOf("local"),
  },
  driverOpts: {
    write: (value, into) => {
      into.DriverOpts = value;
    },
    normal: (value) => value,
    read: ({ Options }) => Options ?? {},
    compare: "keys",
  },
  labels: labelsFacet(({ Labels }) => userLabels(Labels)),
};

/** The creation of a volume. */
export function createVolumeRequest(
  name: string,
  spec: VolumeSpec,
  ownLabels: Record<string, string>,
): VolumeCreateOptions {
  const request = { Driver: "local", Labels: { ...ownLabels } };
  return writeBy(volumeFacets, { ...spec, name }, request);
}

/** The comparable form of everything that is set. */
export function normalVolume(spec: VolumeSpec): NormalSpec {
  return normalBy(volumeFacets, spec);
}
