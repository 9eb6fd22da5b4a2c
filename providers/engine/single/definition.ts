// What the kinds of objects on a host show of themselves, and how one is compared with its
// declaration: for front ends whose tool keeps the state of every object by itself.
import { type Kind, kindOf, type SeenOf } from "../../../resources/kinds/registry.ts";
import type { Normal, NormalSpec } from "../../../resources/model/canonical.ts";
import type { Change } from "../../../resources/model/change.ts";
import type { DiffContext } from "../../../resources/plan/diff.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";

export type { SeenOf };

/** The object of a name among what was observed. */
export function find<K extends Kind>(
  host: ObservedHost,
  kind: K,
  name: string,
): SeenOf<K> | undefined {
  return kindOf(kind).find(host, name) as SeenOf<K> | undefined;
}

/** The labels of what was seen. */
export function labelsOf(kind: Kind, seen: unknown): Record<string, string> {
  return kindOf(kind).labelsOf(seen) ?? {};
}

/** What a front end may show of an object beside its declaration; empty text for nothing. */
export function factsOf(kind: Kind, seen: unknown): Record<string, unknown> {
  return Object.fromEntries(kindOf(kind).facts.map(({ name, of }) => [name, of(seen)]));
}

/** What differs between a declaration and what is on the host; an image has nothing to compare. */
export function differences(
  kind: Kind,
  spec: unknown,
  seen: unknown,
  context: DiffContext,
): Change {
  return kindOf(kind).diff(spec, seen, context);
}

/** The comparable form of a checked declaration. */
export function normalOf(kind: Kind, spec: unknown): NormalSpec {
  return kindOf(kind).normal(spec);
}

/** The comparable form of one field's value; undefined when it is no valid value. */
export function meaningOf(kind: Kind, field: string, value: unknown): Normal {
  const { type, facets } = kindOf(kind);
  const parsed = (type.shape as Shape)[field]?.safeParse(value);
  if (!parsed?.success) return undefined;
  return facets[field] ? facets[field].normal(parsed.data) : (parsed.data as Normal);
}

type Shape = Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>;
