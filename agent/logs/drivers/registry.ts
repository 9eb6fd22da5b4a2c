// The log drivers, one line each. Nothing else in the agent knows one by its name.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { LogDriver } from "../driver/driver.ts";
import { fluentd } from "./fluentd.ts";
import { gelf } from "./gelf.ts";
import { journald } from "./journald.ts";
import { jsonFile } from "./json-file.ts";
import { local } from "./local.ts";
import { none } from "./none.ts";
import { syslog } from "./syslog.ts";

/** The first is that of containers which name none. */
export const LOG_DRIVERS: readonly [LogDriver, ...LogDriver[]] = [
  jsonFile,
  fluentd,
  gelf,
  journald,
  local,
  none,
  syslog,
];
export const DEFAULT_LOG_DRIVER = LOG_DRIVERS[0].name;

/** The driver of that name, "" being the usual; `invalid` in dockerd's words. */
export function logDriver(name: string | undefined): LogDriver {
  const found = LOG_DRIVERS.find((driver) => driver.name === (name || DEFAULT_LOG_DRIVER));
  if (found) return found;
  const shown = (name ?? "").slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
  throw new FairleadError("invalid", `logger: no log driver named '${shown}' is registered`, {
    hint: `use ${LOG_DRIVERS.map((driver) => driver.name).join(", ")}`,
  });
}
