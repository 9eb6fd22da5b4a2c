// What all drivers have in common that send lines away: their options, and the lines that are kept
// beside the receiver so that `docker logs` can answer.
import type { LogDriver } from "./driver.ts";
import {
  CACHE_OPTIONS,
  cacheKeeping,
  DELIVERY_OPTIONS,
  flagOption,
  LABEL_OPTIONS,
} from "./options.ts";

type Sending = Required<Pick<LogDriver, "name" | "options" | "receiver">> &
  Pick<LogDriver, "missing">;

/** A driver with its own options, and those of labels, delivery and the lines that are kept. */
export function sendingDriver({ options, ...own }: Sending): LogDriver {
  return {
    ...own,
    options: [...options, ...LABEL_OPTIONS, ...DELIVERY_OPTIONS, ...CACHE_OPTIONS],
    keeps: cacheKeeping,
    readable: (given) => !flagOption(given, "cache-disabled", false),
  };
}
