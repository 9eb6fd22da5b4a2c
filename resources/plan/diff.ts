// The three-way diff: declared x last applied x observed. Pure; knows fields, not resources.
// Only fields that are or were declared count: defaults of images and engines never show.

import type * as z from "zod";
import {
  fingerprint,
  isKeyed,
  masked,
  type Normal,
  type NormalSpec,
  sameNormal,
} from "../model/canonical.ts";
import type { Change, FieldChange, Printable } from "../model/change.ts";
import { type ChangeRule, fieldsOf } from "../model/schema.ts";
import { Secret } from "../model/secret.ts";

/** Who is compared: the identity that salts secrets, and what the engine can edit. */
export interface DiffContext {
  project: string;
  /** Resource name. */
  name: string;
  /** Whether the engine can edit labels of an existing object. */
  editsLabels: boolean;
}

/** How one field is compared. */
export interface Comparison {
  field: string;
  rule: ChangeRule;
  compare: "whole" | "keys";
  /** What the host shows; `undefined` when it does not show the field. */
  observed: Normal;
  /** The form that means "not set", when an existing object can be brought back to it. */
  clear?: Normal;
}

/** Every difference of an object, field by field and key by key. */
export function diffFields(
  desired: NormalSpec,
  last: Record<string, Printable>,
  comparisons: Iterable<Comparison>,
  salt: string,
): FieldChange[] {
  // The label says the hash of a secret; the declaration is brought to the same form once.
  const hashed = fingerprint(desired, salt) as Record<string, Printable>;
  return [...comparisons].flatMap((comparison) => {
    const sides: Sides = {
      ...comparison,
      desired: desired[comparison.field],
      hashed: hashed[comparison.field],
      last: last[comparison.field],
    };
    return comparison.compare === "keys" ? diffKeys(sides) : diffWhole(sides);
  });
}

/** The change rule of every field of a declaration. */
export function rulesOf(type: z.ZodObject): Record<string, ChangeRule> {
  return Object.fromEntries([...fieldsOf(type)].map(([name, { rule }]) => [name, rule]));
}

/** What the differences come to. */
export function changeOf(fields: FieldChange[]): Change {
  if (fields.length === 0) return { action: "unchanged" };
  const action = fields.some(({ rule }) => rule === "replace") ? "replace" : "update";
  return { action, fields };
}

interface Sides extends Comparison {
  desired: Normal;
  /** The declaration without secrets, to compare with `last`. */
  hashed: Printable | undefined;
  last: Printable | undefined;
}

function diffKeys(sides: Sides): FieldChange[] {
  const desired = isKeyed(sides.desired) ? sides.desired : {};
  const hashed = isKeyed(sides.hashed) ? (sides.hashed as Record<string, Printable>) : {};
  const last = isKeyed(sides.last) ? (sides.last as Record<string, Printable>) : {};
  const observed = isKeyed(sides.observed) ? sides.observed : undefined;
  const names = new Set([...Object.keys(desired), ...Object.keys(last)]);
  return [...names].sort().flatMap((name) =>
    diffWhole({
      field: `${sides.field}.${name}`,
      rule: sides.rule,
      compare: "whole",
      desired: desired[name],
      hashed: hashed[name],
      last: last[name],
      // A key that the host does not show is absent there, not unknown.
      observed: observed === undefined ? undefined : (observed[name] ?? null),
      clear: null,
    }),
  );
}

function diffWhole(sides: Sides): FieldChange[] {
  const { desired, observed, last } = sides;
  if (desired === undefined && last === undefined) return [];
  if (desired === undefined) return removed(sides);
  const edited = last === undefined || !sameNormal(sides.hashed, last);
  if (observed === undefined) return edited ? [change(sides, last, "declared")] : [];
  if (same(sides)) return [];
  return [change(sides, observed, edited ? "declared" : "drift")];
}

function removed(sides: Sides): FieldChange[] {
  const { field, rule, observed, clear, last } = sides;
  if (clear !== undefined && observed !== undefined && sameNormal(observed, clear)) return [];
  // What cannot be set back on the running object needs a new one.
  const means = clear === undefined && rule === "update" ? "replace" : rule;
  return [change({ ...sides, field, rule: means }, observed ?? last, "declared")];
}

// Inside one key, too, only what is or was declared counts; engines fill in the rest.
function same({ desired, observed, last }: Sides): boolean {
  if (!isKeyed(desired) || !isKeyed(observed)) return sameNormal(desired, observed);
  const declared = Object.keys(desired).filter((key) => desired[key] !== undefined);
  const keys = new Set([...declared, ...(isKeyed(last) ? Object.keys(last) : [])]);
  return [...keys].every((key) => sameNormal(desired[key], observed[key]));
}

function change(sides: Sides, from: Normal | Printable, cause: FieldChange["cause"]): FieldChange {
  const { field, rule, desired: to, last } = sides;
  // An engine shows a secret in the clear; it is hidden when either side knew it as one.
  const hidden = holdsSecret(to) || holdsSecret(last);
  return {
    field,
    ...(from === undefined || from === null ? {} : { from: hidden ? "[secret]" : masked(from) }),
    ...(to === undefined || to === null ? {} : { to: hidden ? "[secret]" : masked(to) }),
    rule,
    cause,
  };
}

function holdsSecret(value: Normal | Printable): boolean {
  if (value instanceof Secret) return true;
  if (typeof value === "string") return /^secret:[0-9a-f]{64}$/.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => holdsSecret(inner));
}
