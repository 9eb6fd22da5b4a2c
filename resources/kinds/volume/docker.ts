// A volume between its spec and Docker's shapes.
import type { Volume, VolumeCreateOptions } from "@docker/node-sdk";
import type { NormalSpec } from "../../model/canonical.ts";
import { userLabels } from "../../plan/ownership.ts";
import type { VolumeSpec } from "./volume.ts";

/** The creation of a volume. */
export function createVolumeRequest(
  name: string,
  spec: VolumeSpec,
  ownLabels: Record<string, string>,
): VolumeCreateOptions {
  return {
    Name: name,
    Driver: spec.driver ?? "local",
    Labels: { ...spec.labels, ...ownLabels },
    ...(spec.driverOpts === undefined ? {} : { DriverOpts: spec.driverOpts }),
  };
}

/** The comparable form of everything that is set. */
export function normalVolume(spec: VolumeSpec): NormalSpec {
  return { ...spec };
}

/** The comparable form of what an engine shows. */
export function seenVolume(seen: Volume): NormalSpec {
  return {
    name: seen.Name,
    driver: seen.Driver,
    driverOpts: seen.Options ?? {},
    labels: userLabels(seen.Labels),
  };
}
