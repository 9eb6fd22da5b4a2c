// The storage drivers, the preferred one first: one line for each.

import type { StorageDriverEntry } from "../driver/driver.ts";
import { btrfs } from "./btrfs.ts";
import { copy } from "./copy.ts";
import { overlay } from "./overlay.ts";

export const STORAGE_DRIVERS: readonly StorageDriverEntry[] = [
  overlay, // shares layers between containers, on nearly every file system
  btrfs, // shares them too, where overlayfs cannot work
  copy, // works everywhere, with a copy of the image for each container
];
