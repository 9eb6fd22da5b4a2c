// What a kind of log is to a shim, and the registry: one line for each. Pure.
import { FairleadError } from "../../resources/model/errors.ts";
import type { ShimSettings } from "./shim-protocol.ts";

type LogSettings = ShimSettings["log"];

export interface LogDriver {
  readonly name: LogSettings["driver"];
  /** Keys of the options that it takes. */
  readonly options: readonly string[];
  /** Whether it keeps what was written, so that it can be read again. */
  readonly readable: boolean;
  /** Reads options that are all known; `invalid` for a value that cannot be used. */
  read(options: Readonly<Record<string, string>>): Pick<LogSettings, "maxSizeBytes" | "maxFiles">;
}

const jsonFile: LogDriver = {
  name: "json-file",
  options: ["max-size", "max-file"],
  readable: true,
  read: (options) => ({
    maxSizeBytes: options["max-size"] === undefined ? 0 : sizeBytes(options["max-size"]),
    maxFiles: options["max-file"] === undefined ? 1 : positive("max-file", options["max-file"]),
  }),
};

const none: LogDriver = {
  name: "none",
  options: [],
  readable: false,
  read: () => ({ maxSizeBytes: 0, maxFiles: 1 }),
};

/** The first is that of containers which name none. */
export const LOG_DRIVERS: readonly [LogDriver, ...LogDriver[]] = [jsonFile, none];
export const DEFAULT_LOG_DRIVER = LOG_DRIVERS[0].name;

/** The driver of that name, "" being the usual; `invalid` in dockerd's words. */
export function logDriver(name: string | undefined): LogDriver {
  const found = LOG_DRIVERS.find((driver) => driver.name === (name || DEFAULT_LOG_DRIVER));
  if (found) return found;
  const shown = (name ?? "").slice(0, 100).replace(/[\x00-\x1f\x7f]/g, "?");
  throw new FairleadError("invalid", `logger: no log driver named '${shown}' is registered`, {
    hint: `use ${LOG_DRIVERS.map((driver) => driver.name).join(" or ")}`,
  });
}

/** What the shim is told; `invalid` for an option that the driver does not know. */
export function logSettings(
  name: string | undefined,
  options: Readonly<Record<string, string>>,
  path: string,
): LogSettings {
  const driver = logDriver(name);
  const unknown = Object.keys(options).find((key) => !driver.options.includes(key));
  if (unknown !== undefined) {
    const message = `unknown log opt '${unknown}' for ${driver.name} log driver`;
    const known = driver.options.join(" and ");
    throw new FairleadError("invalid", message, {
      hint: known === "" ? "it has no options" : `${known} are supported`,
    });
  }
  return { driver: driver.name, path, ...driver.read(options) };
}

/** `10m`, `1g`, `500k` or bytes, as go-units reads them: powers of 1024. */
function sizeBytes(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s?([kmgt]?)i?b?$/i.exec(text.trim()) ?? [];
  const power = "kmgt".indexOf(unit.toLowerCase()) + 1;
  const bytes = Math.floor(Number(digits) * 1024 ** (unit === "" ? 0 : power));
  if (digits === undefined || !(bytes > 0)) {
    throw new FairleadError("invalid", `invalid value for max-size: ${JSON.stringify(text)}`);
  }
  return bytes;
}

function positive(key: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1000) {
    throw new FairleadError("invalid", `${key} cannot be less than 1 or more than 1000`);
  }
  return number;
}
