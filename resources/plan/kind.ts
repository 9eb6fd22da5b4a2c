// What a kind of object must say of itself so that stacks, plans, front ends and docs can work
// with it. The registry in kinds/ has one entry for each; nothing asks for a kind by its name.
import type * as z from "zod";
import type { Normal, NormalSpec } from "../model/canonical.ts";
import type { Change } from "../model/change.ts";
import type { Problem } from "../model/problem.ts";
import type { PlanDraft } from "./draft.ts";
import type { Observed, ObservedHost } from "./observed.ts";
import type { Need, Placed } from "./resource.ts";

/** Who is compared: the identity that salts secrets, and what the engine can edit. */
export interface DiffContext {
  project: string;
  /** Resource name. */
  name: string;
  /** Whether the engine can edit labels of an existing object. */
  editsLabels: boolean;
}

/** Something that a host shows of an object beside its declaration. */
export interface Fact<Seen = never> {
  /** `containerId`. */
  name: string;
  doc: string;
  /** `number` facts are for the provider alone and shown by none. */
  type: "text" | "textMap" | "number";
  /** What changes it: another object in its place, also its start, also any other work on it. */
  changes: "withObject" | "withStart" | "withWork" | "never";
  /** Fields whose change in place changes it, too. */
  with?: readonly string[];
  /** The object is found by this when its name has changed. */
  isId?: boolean;
  of(seen: Seen): unknown;
}

/** Names of the host for names of the stack; undefined for what the stack does not declare. */
export type NameOf = (kind: string, name: string) => string | undefined;

/** Everything with which a resource may clash. */
export interface Surroundings {
  project: string;
  all: readonly Placed[];
  observed: Observed;
}

/** A kind of object on a host. */
export interface KindEntry<Spec = never, Seen = never, Input = unknown> {
  /** One word, in lower case; its plural adds an s. */
  kind: string;
  /** As in `Container`. */
  title: string;
  doc: string;
  /** An import id, for the docs. */
  example: string;
  /** The declaration. */
  type: z.ZodObject;
  /** Never there: says what a person may write, to the compiler alone. */
  input?: Input;
  facts: readonly Fact<Seen>[];
  /** What joins project and resource in its name; absent where the spec alone gives it a name. */
  join?: "-" | "_";
  /** Whether what is there bears labels, and so belongs to a project. */
  owned: boolean;
  /** Whether removing one destroys data, and so must be asked for. */
  holdsData: boolean;
  /** Whether one can be made anew in its place, safely, with what uses it kept on it. */
  replaces: boolean;
  /** Whether it runs: gates wait for it, and it leaves before what it uses. */
  runs: boolean;
  /** The spec with names of the host in place of those of the stack. */
  placed(spec: Spec, nameOf: NameOf, host: { runtime?: string | undefined } | undefined): Spec;
  /** What it cannot be without. */
  needs(spec: Spec): Need[];
  /** The spec of one that is needed and not declared; absent where it must be declared. */
  implied?(object: string, needs: readonly Need[], host: string): Spec;
  /** What stands against those of the kind, seen with all that is declared and observed. */
  problems?(resources: readonly Placed<Spec>[], around: Surroundings): Problem[];
  /** All of the kind that were seen on a host. */
  seenOn(host: ObservedHost): readonly Seen[];
  /** The one of a name; what a reference stands for, of an image. */
  find(host: ObservedHost, name: string): Seen | undefined;
  nameOf(seen: Seen): string;
  idOf(seen: Seen): string;
  labelsOf(seen: Seen): Record<string, string> | null | undefined;
  /** The comparable form of everything that is set. */
  normal(spec: Spec): NormalSpec;
  /** The comparable form of one field in normal form. */
  normalField(field: string, value: unknown): Normal;
  /** The comparable form of everything that an engine shows. */
  shown(seen: Seen): NormalSpec;
  /** What it was made with elsewhere and no field can say, in the words of its maker. */
  uncarried?(seen: Seen): string[];
  /** Whether a field that is taken away can be set back on the existing object. */
  clearable(field: string): boolean;
  /** What one object differs in, looked at by itself. */
  diff(spec: Spec, seen: Seen, context: DiffContext): Change;
  /** Plans one resource among all of a stack. */
  plan(draft: PlanDraft, resource: Placed<Spec>): void;
}

/** An entry of which nothing is known but that its parts fit together. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of callbacks cannot be `unknown`
export type AnyKind = KindEntry<any, any, any>;
