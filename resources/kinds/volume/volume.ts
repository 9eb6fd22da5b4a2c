// The declaration of a volume on a host. No edit of it may destroy data.
import * as z from "zod";
import * as is from "../../model/scalars.ts";
import { field } from "../../model/schema.ts";

/** A volume, checked and in normal form. */
export const volume = z.strictObject({
  name: field(is.objectName, "refuse", "Name on the host.", { default: "PROJECT_NAME" }),
  driver: field(is.line, "refuse", "Volume driver.", { default: "local" }),
  driverOpts: field(is.stringMap, "refuse", "Options of the driver."),
  labels: field(is.labels, "update", "Labels."),
});

export type VolumeInput = z.input<typeof volume>;
export type VolumeSpec = z.output<typeof volume>;
