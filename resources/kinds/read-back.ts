// From what an engine shows back to what one would declare: for drift in a state file, and for
// importing what exists. The inverse of the normal forms; a test holds the two against each other.
import { isKeyed, type Normal, type NormalSpec } from "../model/canonical.ts";
import type { FieldChange } from "../model/change.ts";
import { type Facet, isEmptyForm } from "../plan/facet.ts";
import { lastApplied } from "../plan/ownership.ts";
import { type Kind, kindOf } from "./registry.ts";

/** An object as an engine shows it. */
export interface Seen {
  kind: Kind;
  seen: unknown;
  /** What it was made from, where its kind says so and the engine still has that. */
  origin?: unknown;
}

/** Every field that differs with its value on the host; undefined for a field that is not there. */
export function driftedFields(
  one: Seen,
  desired: NormalSpec,
  changes: readonly FieldChange[],
): Record<string, unknown> {
  const { facets } = kindOf(one.kind);
  const shown = shownFields(one);
  const last = lastApplied(labelsOf(one)) as NormalSpec;
  const fields = new Set(changes.map(({ field }) => field.split(".")[0]!));
  return Object.fromEntries(
    [...fields].map((field) => {
      const declared = [desired[field], last[field]].filter(isKeyed).flatMap(Object.keys);
      return [field, declaredForm(facets[field], within(shown[field], new Set(declared)))];
    }),
  );
}

/** The declaration of an object that exists: as it was declared, else what is not a default. */
export function importedFields(one: Seen): Record<string, unknown> {
  const { facets, origin } = kindOf(one.kind);
  const last = lastApplied(labelsOf(one)) as NormalSpec;
  const known = Object.keys(last).length > 0;
  const inherited = known ? {} : (origin?.fieldsOf(one.seen, one.origin) ?? {});
  const fields = Object.entries(shownFields(one)).flatMap(([field, value]) => {
    if (known && !Object.hasOwn(last, field)) return [];
    const facet = facets[field];
    const keys = isKeyed(last[field]) ? new Set(Object.keys(last[field])) : undefined;
    const told = facet?.told?.(value, last[field]) ?? value;
    const asked = facet?.asked?.(told, one.seen as never, last[field]) ?? told;
    const own = keys ? within(asked, keys) : without(asked, inherited[field]);
    const form = declaredForm(facet, own);
    return form === undefined || (!known && isDefault(facet, form)) ? [] : [[field, form]];
  });
  return Object.fromEntries(fields);
}

/** Every field that the engine shows, in comparable form. */
export function shownFields({ kind, seen }: Seen): NormalSpec {
  return kindOf(kind).shown(seen);
}

function labelsOf({ kind, seen }: Seen) {
  return kindOf(kind).labelsOf(seen);
}

function within(value: Normal, keys: ReadonlySet<string>): Normal {
  if (!isKeyed(value) || keys.size === 0) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.has(key)));
}

function without(value: Normal, defaults: Normal): Normal {
  if (JSON.stringify(value) === JSON.stringify(defaults)) return undefined;
  if (!isKeyed(value) || !isKeyed(defaults)) return value;
  const own = Object.entries(value).filter(([key, one]) => one !== defaults[key]);
  return Object.fromEntries(own);
}

function declaredForm(facet: Facet | undefined, value: Normal): unknown {
  if (value === undefined || value === null) return undefined;
  if (!facet?.declared || !isKeyed(value)) return plain(value);
  return facet.declared(plain(value) as Record<string, Normal>);
}

function plain(value: Normal): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isKeyed(value)) return value;
  const set = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  return Object.fromEntries(set.map(([key, one]) => [key, plain(one)]));
}

function isDefault(facet: Facet | undefined, form: unknown): boolean {
  return (
    isEmptyForm(form) ||
    form === false ||
    (form === 0 && !facet?.zeroCounts) ||
    facet?.isUnset?.(form) === true
  );
}
