// The values of log options, and their checks in dockerd's words. Pure.
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseBytes, parseDuration } from "../../../resources/model/units.ts";
import type { LogKeeping, LogOptions } from "./driver.ts";

/** What every driver takes that keeps lines. */
export const DELIVERY_OPTIONS = ["mode", "max-buffer-size"];
/** What lets `docker logs` answer for a driver that sends lines away. */
export const CACHE_OPTIONS = [
  ...["cache-disabled", "cache-max-size", "cache-max-file", "cache-compress"],
];
export const LABEL_OPTIONS = ["labels", "labels-regex", "env", "env-regex", "tag"];

const MIB = 1024 * 1024;
const MOST_FILES = 1000;

export function invalid(message: string): FairleadError {
  return new FairleadError("invalid", message);
}

/** `10m`, `1g` or bytes; `otherwise` when the option is absent. */
function sizeOption(options: LogOptions, key: string, otherwise: number): number {
  const text = options[key];
  if (text === undefined) return otherwise;
  const bytes = parseBytes(text);
  if (!bytes) throw invalid(`invalid value for ${key}: ${JSON.stringify(text.slice(0, 100))}`);
  return bytes;
}

export function countOption(
  options: LogOptions,
  key: string,
  otherwise: number,
  { least, most }: { least: number; most: number },
): number {
  const text = options[key];
  if (text === undefined) return otherwise;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw invalid(`${key} cannot be less than ${least} or more than ${most}`);
  }
  return number;
}

/** What Go's ParseBool takes. */
export function flagOption(options: LogOptions, key: string, otherwise: boolean): boolean {
  const text = options[key];
  if (text === undefined) return otherwise;
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw invalid(`${key} must be true or false, not ${JSON.stringify(text.slice(0, 100))}`);
}

export function durationOption(options: LogOptions, key: string): number | undefined {
  const text = options[key];
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw invalid(`invalid duration for ${key}: ${text.slice(0, 100)}`);
  return ms;
}

/** Bytes that may wait in the memory of a container's supervisor; 0 when its output waits. */
export function bufferBytes(options: LogOptions): number {
  const { mode = "blocking" } = options;
  if (mode === "" || mode === "blocking") {
    if (options["max-buffer-size"] === undefined) return 0;
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  }
  if (mode !== "non-blocking") {
    throw invalid(`logger: logging mode not supported: ${mode.slice(0, 100)}`);
  }
  return sizeOption(options, "max-buffer-size", MIB);
}

/** The files of a driver that keeps lines under the container's own limits. */
export function fileKeeping(options: LogOptions, usual: LogKeeping): LogKeeping {
  const range = { least: 1, most: MOST_FILES };
  const keeping = {
    maxSizeBytes: sizeOption(options, "max-size", usual.maxSizeBytes),
    maxFiles: countOption(options, "max-file", usual.maxFiles, range),
    compress: flagOption(options, "compress", usual.compress),
  };
  const rotates = keeping.maxFiles > 1 && keeping.maxSizeBytes > 0;
  if (options.compress !== undefined && keeping.compress && !rotates) {
    throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
  return { ...keeping, compress: keeping.compress && rotates };
}

/** As `local` keeps them, and as the lines that a receiver gets are kept beside it. */
export const CACHE_KEEPING: LogKeeping = {
  ...{ maxSizeBytes: 20 * MIB, maxFiles: 5, compress: true },
};

export function cacheKeeping(options: LogOptions): LogKeeping {
  flagOption(options, "cache-disabled", false);
  return fileKeeping(
    {
      ...pick(options, "cache-max-size", "max-size"),
      ...pick(options, "cache-max-file", "max-file"),
      ...pick(options, "cache-compress", "compress"),
    },
    { ...CACHE_KEEPING, compress: false },
  );
}

function pick(options: LogOptions, from: string, to: string): LogOptions {
  const value = options[from];
  return value === undefined ? {} : { [to]: value };
}
