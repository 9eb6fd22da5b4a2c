// Terraform's planning rules for any resource: what is kept, what becomes unknown, what makes an
// object anew. Pure; knows attributes and values.

import { same, UNKNOWN, Unknown, type Value } from "../protocol/value.ts";
import type { Attribute } from "../schema/attribute.ts";
import { type Diagnostic, problem } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";

export interface Draft {
  /** Null when the object is to be made. */
  prior: TerraformObject | null;
  /** What Terraform proposes: the configuration, with prior values of computed attributes. */
  proposed: TerraformObject;
  config: TerraformObject;
}

export interface Planned {
  state: TerraformObject;
  /** Names of attributes for whose change Terraform destroys the object and makes another. */
  replace: string[];
  /** Names of those for whose change the provider makes it anew in its place. */
  anew: string[];
  /** Names of attributes that differ, without those that only steer Terraform. */
  changed: string[];
  /** Whether one differs that is on the host. */
  touched: boolean;
  diagnostics: Diagnostic[];
}

export interface PlanHints {
  /** The object itself needs work though no attribute differs, such as a start. */
  needsWork?: boolean;
  /** The provider makes an object anew in its place; only one that moves is Terraform's to make. */
  inPlace?: boolean;
}

/** Whether two spellings of an attribute mean the same; only asked when both are wholly known. */
export type SameMeaning = (attribute: Attribute, a: Value, b: Value) => boolean;

/** The planned state, as far as the attributes alone can tell. */
export function planObject(
  attributes: readonly Attribute[],
  draft: Draft,
  sameMeaning: SameMeaning,
  { needsWork = false, inPlace = false }: PlanHints = {},
): Planned {
  const { prior, proposed, config } = draft;
  const state: TerraformObject = { ...proposed };
  // Terraform proposes what is written only, and refuses it back.
  for (const one of attributes) if (one.writeOnly) state[one.name] = null;
  if (prior === null) {
    for (const one of attributes) if (isOpen(one, config)) state[one.name] = UNKNOWN;
    const none = { replace: [], anew: [], changed: [], diagnostics: [] };
    return { state, touched: true, ...none };
  }
  const changed: Attribute[] = [];
  for (const one of attributes) {
    const before = prior[one.name] ?? null;
    const after = state[one.name] ?? null;
    if (isOpen(one, config) || one.writeOnly || same(before, after)) continue;
    if (keepsSpelling(one, before, after, sameMeaning)) state[one.name] = before;
    else changed.push(one);
  }
  const forced = changed.filter((one) => forcesNew(one, prior, state));
  const stays = (one: Attribute) => inPlace && one.moves !== true;
  const replace = forced.filter((one) => !stays(one)).map(({ name }) => name);
  const anew = forced.filter(stays).map(({ name }) => name);
  const planned: Planned = {
    ...{ state, replace, anew, changed: changed.map(({ name }) => name) },
    touched: changed.some(({ rule }) => rule !== "policy"),
    diagnostics: changed.filter(({ rule }) => rule === "refuse").map(refusal),
  };
  openOutputs(attributes, draft, planned, { anew: anew.length > 0, needsWork });
  return planned;
}

/** Makes unknown what the work on an object changes of what the provider sets; keeps the rest. */
export function openOutputs(
  attributes: readonly Attribute[],
  { prior, config }: Draft,
  { state, replace, changed, touched }: Planned,
  { anew, needsWork, moved = false }: { anew: boolean; needsWork: boolean; moved?: boolean },
): void {
  const work = { withObject: anew, withStart: anew || needsWork, never: false };
  const by = { ...work, withWork: anew || needsWork || touched };
  for (const one of attributes) {
    if (!isOpen(one, config)) continue;
    // Elsewhere it is another object, of which nothing is known that a host shows.
    const elsewhere = moved && one.changes !== undefined;
    const changes =
      elsewhere || by[one.changes ?? "never"] || one.with?.some((name) => changed.includes(name));
    state[one.name] = replace.length > 0 || changes ? UNKNOWN : (prior?.[one.name] ?? null);
  }
}

/**
 * What is applied is what was planned, with values for what was unknown; null for what has none.
 */
export function settled(planned: TerraformObject, found: TerraformObject): TerraformObject {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => {
      return [name, value instanceof Unknown ? (found[name] ?? null) : value];
    }),
  );
}

function isOpen(one: Attribute, config: TerraformObject): boolean {
  return (
    one.mode === "computed" || (one.mode === "defaulted" && (config[one.name] ?? null) === null)
  );
}

// The counts of lists and maps must be the configuration's, so another count is another value.
function keepsSpelling(one: Attribute, before: Value, after: Value, sameMeaning: SameMeaning) {
  if (before === null || after === null || unknownInside(after)) return false;
  return sizeOf(before) === sizeOf(after) && sameMeaning(one, before, after);
}

function forcesNew(one: Attribute, prior: TerraformObject, state: TerraformObject): boolean {
  if (one.rule === "replace") return true;
  const gone = (state[one.name] ?? null) === null && (prior[one.name] ?? null) !== null;
  return one.rule === "update" && gone && one.clearable === false;
}

function refusal(one: Attribute): Diagnostic {
  return problem(
    `${one.name} cannot be changed without destroying the data`,
    "Take the edit back, or declare another one beside it and move the data; " +
      "`terraform apply -replace=ADDRESS` destroys the data and makes it anew.",
    one.name,
  );
}

function unknownInside(value: Value): boolean {
  if (value instanceof Unknown) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(unknownInside);
}

function sizeOf(value: Value): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : -1;
}
