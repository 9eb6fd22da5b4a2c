// The volume drivers: one line for each.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { VolumeDriver } from "./driver.ts";
import { local } from "./local.ts";

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
