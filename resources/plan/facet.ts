// A facet joins one field of a declaration with its place in an engine's forms: how it is written
// into a request, compared, and read back. What else must know more of a field than its type asks
// here, so that no list of fields stands anywhere else. Pure.
import type * as z from "zod";
import { isKeyed, type Normal, type NormalSpec } from "../model/canonical.ts";
import type { FieldChange } from "../model/change.ts";
import { type ChangeRule, fieldsOf } from "../model/schema.ts";
import { type Comparison, type DiffContext, diffFields } from "./diff.ts";
import { lastApplied, saltOf } from "./ownership.ts";

/** Of a value in normal form, between what an engine shows (`Seen`) and what it is sent. */
export interface Facet<Value = unknown, Seen = never, Request = never> {
  /** Puts the value into a creation. */
  write(value: Value, into: Request): void;
  /** The comparable form: lists whose order means nothing sorted, collections keyed. */
  normal(value: Value): Normal;
  /** The same form from an inspection; undefined when the engine does not show the field. */
  read(seen: Seen): Normal;
  /** `whole`: any difference counts. `keys`: only keys that are or were declared. */
  compare: "whole" | "keys";
  /** The form that means "not set", when an existing object can be brought back to it. */
  clear?: Normal;
  /** A live change of it is a request of its own; without this, the one for a live update. */
  alone?: true;
  /** What an engine must be able to do for a change in place; another one makes it anew. */
  liveIf?: "editsLabels";
  /** No engine shows it. */
  isHidden?: true;
  /** What an object is made from (an image) sets it, and the engine shows that as the object's. */
  inherited?: true;
  /** Whether a declared form is what an engine shows of an object for which nothing was said. */
  isUnset?(form: unknown): boolean;
  /** 0 is a value like others, not the absence of one. */
  zeroCounts?: true;
  /** What of the shown form was asked for, when an engine also shows what it chose itself. */
  asked?(shown: Normal, seen: Seen, last: Normal): Normal;
  /** The shown form in the words of the last application, where both mean the same. */
  told?(shown: Normal, last: Normal): Normal;
  /** What people write for a keyed form, where that is not a map. */
  declared?(keyed: Record<string, Normal>): unknown;
}

/** Facets by field; of which values is known to their kind alone. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of callbacks cannot be `unknown`
export type Facets<Seen = any> = Readonly<Record<string, Facet<any, Seen, any>>>;

/** The comparable form of everything that is set. */
export function normalBy(facets: Facets, spec: object): NormalSpec {
  const normal: NormalSpec = {};
  for (const [field, facet] of Object.entries(facets)) {
    const value = (spec as Record<string, unknown>)[field];
    if (value !== undefined) normal[field] = facet.normal(value);
  }
  return normal;
}

/** The comparable form of everything that an engine shows. */
export function shownBy<Seen>(facets: Facets<Seen>, seen: Seen): NormalSpec {
  const entries = Object.entries(facets);
  return Object.fromEntries(entries.map(([field, facet]) => [field, facet.read(seen)]));
}

/** Puts everything that is set into a creation. */
export function writeBy<Request>(facets: Facets, spec: object, into: Request): Request {
  for (const [field, facet] of Object.entries(facets)) {
    const value = (spec as Record<string, unknown>)[field];
    if (value !== undefined) facet.write(value, into);
  }
  return into;
}

/** Whether a field that is taken away can be set back on the existing object. */
export function isClearable(facet: Facet | undefined): boolean {
  return facet === undefined || facet.compare === "keys" || facet.clear !== undefined;
}

/** Two sides of one object: as it is declared and as an engine shows it. */
export interface Sides<Seen> {
  desired: NormalSpec;
  seen: Seen;
  labels: Readonly<Record<string, string>> | null | undefined;
}

/** How one field is compared on this engine. */
export function comparisonBy<Seen>(
  field: string,
  rule: ChangeRule,
  facet: Facet<unknown, Seen>,
  seen: Seen,
  context: Pick<DiffContext, "editsLabels">,
  last?: Normal,
): Comparison {
  const { compare, clear, liveIf } = facet;
  const shown = facet.read(seen);
  return {
    ...{ field, compare, observed: facet.told?.(shown, last) ?? shown },
    rule: liveIf !== undefined && !context[liveIf] ? "replace" : rule,
    ...(clear === undefined ? {} : { clear }),
  };
}

/** Every difference of an object all of whose fields are compared by their facets. */
export function changesBy<Seen>(
  type: z.ZodObject,
  facets: Facets<Seen>,
  { desired, seen, labels }: Sides<Seen>,
  context: DiffContext,
): FieldChange[] {
  const last = lastApplied(labels) as NormalSpec;
  const comparisons = [...fieldsOf(type)].flatMap(([field, { rule }]): Comparison[] => {
    const facet = facets[field];
    return facet ? [comparisonBy(field, rule, facet, seen, context, last[field])] : [];
  });
  return diffFields(
    desired,
    lastApplied(labels),
    comparisons,
    saltOf(context.project, context.name),
  );
}

/** The labels of what Docker makes: the user's, beside fairlead's own. */
export function labelsFacet<Seen>(
  read: (seen: Seen) => Record<string, string>,
): Facet<Record<string, string>, Seen, { Labels?: Record<string, string> | null | undefined }> {
  return {
    write: (value, into) => {
      into.Labels = { ...value, ...into.Labels };
    },
    normal: (value) => value,
    read,
    ...{ compare: "keys", alone: true, liveIf: "editsLabels" },
  };
}

/** A test for the forms that an engine shows of an object for which nothing was said. */
export function isOneOf(...forms: unknown[]): (form: unknown) => boolean {
  return (form) => forms.includes(form);
}

/** A keyed form as the list of objects that people write, with the key in a field of each. */
export function listedBy(key: string) {
  return (keyed: Record<string, Normal>): unknown =>
    Object.entries(keyed).map(([name, one]) => ({ [key]: name, ...(isKeyed(one) ? one : {}) }));
}

/** Whether a form says nothing: empty text, list or map, or none at all. */
export function isEmptyForm(form: unknown): boolean {
  if (form === "" || form === undefined || form === null) return true;
  return typeof form === "object" && Object.keys(form).length === 0;
}
