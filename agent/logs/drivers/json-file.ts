// Docker's usual driver: lines of JSON in a file beside the container.
import { extraAttributes } from "../driver/attributes.ts";
import type { LogDriver } from "../driver/driver.ts";
import { CACHE_OPTIONS, DELIVERY_OPTIONS, fileKeeping, LABEL_OPTIONS } from "../driver/options.ts";
import { logTag } from "../driver/tag.ts";

export const jsonFile: LogDriver = {
  name: "json-file",
  options: [
    ...["max-size", "max-file", "compress"],
    ...[...LABEL_OPTIONS, ...DELIVERY_OPTIONS, ...CACHE_OPTIONS],
  ],
  file: true,
  keeps: (options) => fileKeeping(options, { maxSizeBytes: 0, maxFiles: 1, compress: false }),
  readable: () => true,
  attributes: (options, source) => {
    const tag = options.tag ? { tag: logTag(options, source) } : {};
    const all = Object.entries({ ...extraAttributes(options, source), ...tag });
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  },
};
