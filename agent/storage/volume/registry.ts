// What a kind of volume must be able to do, and the registry: one line for each.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { MountRequest } from "../../native/index.ts";
import { checkVolumeOptions, VOLUME_OPTIONS, volumeMount } from "./local.ts";

export interface VolumeDriver {
  readonly name: string;
  /** Keys of the options that it takes. */
  readonly options: readonly string[];
  /** Refuses options that cannot be honoured: `invalid` says which. */
  check(options: Readonly<Record<string, string>>): void;
  /** What must be mounted at a volume's directory; undefined when the directory is the volume. */
  mountOf(
    options: Readonly<Record<string, string>>,
    directory: string,
  ): Promise<MountRequest | undefined>;
}

const local: VolumeDriver = {
  name: "local",
  options: VOLUME_OPTIONS,
  check: checkVolumeOptions,
  mountOf: volumeMount,
};

/** The first is that of volumes which name none. */
export const VOLUME_DRIVERS: readonly [VolumeDriver, ...VolumeDriver[]] = [local];

/** The driver of that name, "" being the usual; `not_found` in dockerd's words. */
export function volumeDriver(name: string | undefined, volume: string): VolumeDriver {
  const [usual] = VOLUME_DRIVERS;
  const found = name ? VOLUME_DRIVERS.find((driver) => driver.name === name) : usual;
  if (found) return found;
  const shown = (name ?? "").slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
  const looking = `error looking up volume plugin ${shown}: plugin "${shown}" not found`;
  throw new FairleadError("not_found", `create ${volume}: ${looking}`, {
    hint: `use ${VOLUME_DRIVERS.map((driver) => driver.name).join(" or ")}`,
  });
}
