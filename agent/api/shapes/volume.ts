// The body of a volume's creation.
import * as z from "zod";
import { anyMap, text, textMap } from "./values.ts";

export const volumeBody = z.object({
  Name: text,
  Driver: text,
  DriverOpts: textMap,
  Labels: textMap,
  ClusterVolumeSpec: anyMap,
});
