// What a stack declares as flat text, by object and field: a plan shows it, and drift is found
// against it. Write-only values never get into it.
import {
  canonicalJson,
  isKeyed,
  type Normal,
  type NormalSpec,
} from "../../../resources/model/canonical.ts";
import type { Printable } from "../../../resources/model/change.ts";
import { hashSecret, Secret } from "../../../resources/model/secret.ts";

/** Text by field, or by field and key: `memory`, `env.MODE`. */
export type Outline = { [field: string]: string };

/** What stands where a write-only value is part of a value. */
export const WRITE_ONLY = "(write-only)";
const HASH_SHOWN = "secret:".length + 12;

export interface Place {
  /** Salt of hashes: the project and the object's name. */
  salt: string;
  /** Values that must not be seen. */
  hidden: readonly string[];
}

/** The outline of an object in normal form. */
export function outlineOf(normal: NormalSpec, place: Place): Outline {
  const outline: Outline = {};
  for (const [field, value] of Object.entries(normal)) {
    if (isKeyed(value) && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) {
        if (inner !== undefined) outline[`${field}.${key}`] = textOf(inner, place, field, key);
      }
    } else if (value !== undefined && value !== null) {
      outline[field] = textOf(value, place, field);
    }
  }
  return outline;
}

/**
 * The outline with what the host has in place of what differs there. A field that no engine shows
 * stays as it was; a key that is gone is left out.
 */
export function drifted(outline: Outline, seen: NormalSpec, place: Place): Outline {
  const entries = Object.entries(outline).flatMap(([path, stated]): [string, string][] => {
    const at = path.indexOf(".");
    const field = at < 0 ? path : path.slice(0, at);
    const key = at < 0 ? undefined : path.slice(at + 1);
    const whole = seen[field];
    if (whole === undefined || stated.includes(WRITE_ONLY)) return [[path, stated]];
    const value = key === undefined ? whole : isKeyed(whole) ? whole[key] : undefined;
    if (value === undefined || value === null) return [];
    return [[path, shownText(stated, value, place, field, key)]];
  });
  return Object.fromEntries(entries);
}

// Only what was declared counts: engines fill in the rest.
function shownText(
  stated: string,
  value: Normal,
  place: Place,
  ...path: [field: string, key?: string | undefined]
): string {
  if (stated.startsWith("secret:") && typeof value === "string") {
    return textOf(new Secret(value), place, ...path);
  }
  const declared = isKeyed(value) ? parsed(stated) : undefined;
  const known = declared && isKeyed(value) ? within(value, Object.keys(declared)) : value;
  return textOf(known, place, ...path);
}

function within(value: Record<string, Normal>, keys: string[]): Normal {
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as never) : undefined;
  } catch {
    // Plain text is no object.
    return undefined;
  }
}

function textOf(
  value: Normal,
  place: Place,
  ...path: [field: string, key?: string | undefined]
): string {
  const at = [place.salt, ...path.filter((one) => one !== undefined)].join(".");
  const printable = shownOf(value, at, place.hidden);
  return typeof printable === "string" ? printable : canonicalJson(printable);
}

function shownOf(value: Normal, at: string, hidden: readonly string[]): Printable {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) {
    if (holds(value.reveal(), hidden)) return WRITE_ONLY;
    return hashSecret(value, at).slice(0, HASH_SHOWN);
  }
  if (typeof value === "string") return holds(value, hidden) ? WRITE_ONLY : value;
  if (Array.isArray(value))
    return value.map((one, index) => shownOf(one, `${at}[${index}]`, hidden));
  if (!isKeyed(value)) return value as Printable;
  const set = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(set.map(([key, one]) => [key, shownOf(one, `${at}.${key}`, hidden)]));
}

/** Whether a text has a hidden value in it, also when the text is base64 of a file. */
function holds(text: string, hidden: readonly string[]): boolean {
  if (hidden.length === 0) return false;
  const decoded = Buffer.from(text, "base64").toString("utf8");
  return hidden.some((one) => one !== "" && (text.includes(one) || decoded.includes(one)));
}
