// The network drivers: one line for each.
import type { NetworkDriverEntry } from "../driver/driver.ts";
import { bridge } from "./bridge.ts";
import { host } from "./host.ts";
import { macvlan } from "./macvlan.ts";
import { none } from "./none.ts";

export const NETWORK_DRIVERS: readonly NetworkDriverEntry[] = [
  bridge, // the default: what names no driver is one of it
  host,
  macvlan,
  none,
];
