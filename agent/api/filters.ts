// Docker's `filters` query parameter, in both of its forms, and the times that queries give.
import { FairleadError } from "../../resources/model/errors.ts";

export type Filters = ReadonlyMap<string, readonly string[]>;

/** Decodes `{"label":["a=b"]}` or the older `{"label":{"a=b":true}}`; refuses unknown keys. */
export function readFilters(query: URLSearchParams, allowed: readonly string[]): Filters {
  const text = query.get("filters");
  if (text === null || text === "") return new Map();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FairleadError("invalid", "filters: not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FairleadError("invalid", "filters: not an object");
  }
  const filters = new Map<string, string[]>();
  for (const [key, given] of Object.entries(value)) {
    if (!allowed.includes(key)) {
      throw new FairleadError("invalid", `invalid filter '${key}'`);
    }
    filters.set(key, valuesOf(key, given));
  }
  return filters;
}

/** Whether every `label` filter (`key`, `key=value`) is met. */
export function matchesLabels(
  wanted: readonly string[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return wanted.every((filter) => {
    const at = filter.indexOf("=");
    const key = at < 0 ? filter : filter.slice(0, at);
    if (!Object.hasOwn(labels, key)) return false;
    return at < 0 || labels[key] === filter.slice(at + 1);
  });
}

/** Seconds since 1970 with nanoseconds (`1700000000.000000001`), or RFC 3339; in nanoseconds. */
export function readTime(name: string, text: string | null): bigint | undefined {
  if (text === null || text === "" || text === "0") return undefined;
  const [, seconds, fraction = ""] = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds !== undefined) {
    return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  }
  const date = Date.parse(text);
  if (Number.isNaN(date)) {
    throw new FairleadError("invalid", `${name}: ${JSON.stringify(text)} is not a time`);
  }
  return BigInt(date) * 1_000_000n;
}

/** Docker's truth: every text but "", 0, no, false and none. */
export function readFlag(query: URLSearchParams, name: string, otherwise = false): boolean {
  const text = query.get(name);
  if (text === null) return otherwise;
  return !["", "0", "no", "false", "none"].includes(text.trim().toLowerCase());
}

function valuesOf(key: string, given: unknown): string[] {
  if (Array.isArray(given) && given.every((item) => typeof item === "string")) return given;
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return Object.keys(given);
  }
  throw new FairleadError("invalid", `filters: ${key} is not a list of strings`);
}
