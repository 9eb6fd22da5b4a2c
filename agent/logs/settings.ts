// What a container's log is to its shim, from Docker's options, and the check of all of them.
import { hostname } from "node:os";
import { FairleadError } from "../../resources/model/errors.ts";
import type { LogDriver, LogHost, LogOptions, LogSource } from "./driver/driver.ts";
import { bufferBytes } from "./driver/options.ts";
import { logDriver } from "./drivers/registry.ts";

/** How a container wants its log, as its HostConfig says. */
export interface LogConfig {
  driver: string | undefined;
  options: LogOptions;
}

/** shim.json's `log`; where a container is made the compiler holds both against each other. */
export interface LogFileSettings {
  driver: "json-file" | "none";
  path: string;
  /** 0 is without limit. */
  maxSizeBytes: number;
  maxFiles: number;
  /** Bytes that may wait for the disk before lines are dropped; absent: the output waits. */
  bufferBytes?: number;
  /** A JSON object in one line, written beside each line. */
  attributes?: string;
}

/** The file that the shim shall write. */
export function logSettings(config: LogConfig, path: string, source: LogSource): LogFileSettings {
  const driver = driverOf(config);
  const { options } = config;
  const keeps = driver.keeps(options);
  if (!keeps) return { driver: "none", path, maxSizeBytes: 0, maxFiles: 1 };
  const buffer = bufferBytes(options);
  const attributes = driver.attributes?.(options, source) ?? {};
  return {
    ...{ driver: "json-file", path, maxSizeBytes: keeps.maxSizeBytes, maxFiles: keeps.maxFiles },
    ...(buffer > 0 ? { bufferBytes: buffer } : {}),
    ...(Object.keys(attributes).length > 0 ? { attributes: goJson(attributes) } : {}),
  };
}

/** Refuses what could not be done at the start, in dockerd's words; `invalid`. */
export function checkLog(config: LogConfig, source: LogSource): void {
  const driver = driverOf(config);
  logSettings(config, "/", source);
  const missing = driver.missing?.();
  if (missing !== undefined) throw new FairleadError("unsupported", missing);
  const host: LogHost = { hostname: hostname(), sendDatagrams: () => Promise.resolve(0) };
  driver.receiver?.(config.options, source, host).close();
}

/** As Go's encoder writes it, and so the rest of the line. */
function goJson(value: object): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function driverOf({ driver: name, options }: LogConfig): LogDriver {
  const driver = logDriver(name);
  const unknown = Object.keys(options).find((key) => !driver.options.includes(key));
  if (unknown === undefined) return driver;
  const message = `unknown log opt '${unknown.slice(0, 100)}' for ${driver.name} log driver`;
  const known = driver.options.join(", ");
  throw new FairleadError("invalid", message, {
    hint: known === "" ? "it has no options" : `it takes ${known}`,
  });
}
