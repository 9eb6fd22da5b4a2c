// Lines kept for this engine alone: rotated and compressed unless told otherwise.
import type { LogDriver } from "../driver/driver.ts";
import { CACHE_KEEPING, CACHE_OPTIONS, DELIVERY_OPTIONS, fileKeeping } from "../driver/options.ts";

export const local: LogDriver = {
  name: "local",
  options: ["max-size", "max-file", "compress", ...DELIVERY_OPTIONS, ...CACHE_OPTIONS],
  keeps: (options) => fileKeeping(options, CACHE_KEEPING),
  readable: () => true,
};
