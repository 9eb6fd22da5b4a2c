// The form in which specs are compared and kept with an object: keyed, sorted, secrets hashed.
// The form has a version, so that a newer fairlead can read what an older one wrote.
import type { Printable } from "./change.ts";
import { hashSecret, Secret } from "./secret.ts";

/** A field in comparable form; secrets may still be inside. */
export type Normal =
  | undefined
  | null
  | boolean
  | number
  | string
  | Secret
  | readonly Normal[]
  | { readonly [key: string]: Normal };

export type NormalSpec = Record<string, Normal>;

/** Form of the spec in the label; a reader ignores a form that it does not know. */
export const SPEC_VERSION = "1";

/** JSON with sorted keys and without absent values: equal specs give equal text. */
export function canonicalJson(value: Printable): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${entries.join(",")}}`;
}

/** The value without secrets; `place` (project, object, field) is their salt. */
export function fingerprint(value: Normal, place: string): Printable {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) return hashSecret(value, place);
  if (Array.isArray(value)) return value.map((item, at) => fingerprint(item, `${place}[${at}]`));
  if (typeof value !== "object") return value as Printable;
  const plain: Record<string, Printable> = {};
  for (const [key, inner] of Object.entries(value as Record<string, Normal>)) {
    if (inner !== undefined) plain[key] = fingerprint(inner, `${place}.${key}`);
  }
  return plain;
}

/** The value as a person may see it: secrets and their hashes are masked. */
export function masked(value: Normal | Printable): Printable {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) return "[secret]";
  if (typeof value === "string") return /^secret:[0-9a-f]{64}$/.test(value) ? "[secret]" : value;
  if (Array.isArray(value)) return value.map((item) => masked(item));
  if (typeof value !== "object") return value as Printable;
  const entries = Object.entries(value as Record<string, Normal>);
  return Object.fromEntries(
    entries.filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, masked(inner)]),
  );
}

/** True when both are the same in canonical form; a secret equals its plain value. */
export function sameNormal(a: Normal, b: Normal): boolean {
  return canonicalJson(plainOf(a)) === canonicalJson(plainOf(b));
}

/** True for a value with keys, which is neither a list nor a secret. */
export function isKeyed(value: Normal | Printable): value is Record<string, Normal> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret)
  );
}

function plainOf(value: Normal): Printable {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object") return value as Printable;
  const entries = Object.entries(value as Record<string, Normal>);
  return Object.fromEntries(
    entries.filter(([, inner]) => inner !== undefined).map(([key, inner]) => [key, plainOf(inner)]),
  );
}
