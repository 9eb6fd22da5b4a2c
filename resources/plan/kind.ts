// What a kind of object must say of itself so that stacks, plans, front ends and docs can work
// with it. The registry in kinds/ has one entry for each; nothing asks for a kind by its name.
import type * as z from "zod";
import type { NormalSpec } from "../model/canonical.ts";
import type { Change } from "../model/change.ts";
import type { Problem } from "../model/problem.ts";
import type { DiffContext } from "./diff.ts";
import type { PlanDraft } from "./draft.ts";
import type { Facets } from "./facet.ts";
import type { EngineFacts, Observed, ObservedHost } from "./observed.ts";
import type { Declared, Need, Placed } from "./resource.ts";

/** Something that a host shows of an object beside its declaration. */
export interface Fact<Seen = never> {
  /** `containerId`. */
  name: string;
  doc: string;
  /** A `port` is where it is reached: front ends make an address of it. */
  type: "text" | "textMap" | "port";
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

/** Another name for the one at a place in the fields, such as `mounts[0].source`. */
export type Rename = (name: unknown, where: string) => unknown;

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
  /** The same with what a reader of its page should know first. */
  about: string;
  /** An import id, for the docs. */
  example: string;
  /** One as a person writes it, for the docs: name of the resource, and its spec. */
  sample: { name: string; spec: Readonly<Record<string, unknown>> };
  /** The declaration. */
  type: z.ZodObject;
  /** Never there: says what a person may write, to the compiler alone. */
  input?: Input;
  /** Of every field that an engine is told or shows. */
  facets: Facets<Seen>;
  facts: readonly Fact<Seen>[];
  /** What joins project and resource in its name; absent where the spec alone gives it a name. */
  join?: "-" | "_";
  /** Whether what is there bears labels, and so belongs to a project. */
  owned: boolean;
  /** The field of files whose content may be read on this machine, by their `source`. */
  localFiles?: string;
  /** Whether removing one destroys data, and so must be asked for. */
  holdsData: boolean;
  /** Whether one can be made anew in its place, safely, with what uses it kept on it. */
  replaces: boolean;
  /** Whether it runs: gates wait for it, and it leaves before what it uses. */
  runs: boolean;
  /** Values of the fact `status` with which there is nothing to do, where there is that fact. */
  well?: ReadonlySet<string>;
  /** The spec with names of the host in place of those of the stack. */
  placed(spec: Spec, nameOf: NameOf, host: { runtime?: string | undefined } | undefined): Spec;
  /** Fields as a person wrote them, with another name for each object that they refer to. */
  renamed?(fields: Readonly<Record<string, unknown>>, rename: Rename): Record<string, unknown>;
  /** What it cannot be without. */
  needs(spec: Spec): Need[];
  /** The spec of one that is needed and not declared; absent where it must be declared. */
  implied?(object: string, needs: readonly Need[], host: string): Spec;
  /** What stands against those of the kind, seen with all that is declared and observed. */
  problems?(resources: readonly Placed<Spec>[], around: Surroundings): Problem[];
  /** What its host's engine cannot do of it, as far as that engine says; at once, and alone. */
  refusals?(resource: Declared<Spec>, facts: EngineFacts): Problem[];
  /** Whether it matters for a plan which drivers and runtimes the host has. */
  asksDrivers?(spec: Spec): boolean;
  /** All of the kind that were seen on a host. */
  seenOn(host: ObservedHost): readonly Seen[];
  /** The one of a name; what a reference stands for, of an image. */
  find(host: ObservedHost, name: string): Seen | undefined;
  nameOf(seen: Seen): string;
  /** The name on the host for one that a person writes; the same when absent. */
  nameFor?(written: string): string;
  idOf(seen: Seen): string;
  labelsOf(seen: Seen): Record<string, string> | null | undefined;
  /** The comparable form of everything that is set. */
  normal(spec: Spec): NormalSpec;
  /** The comparable form of everything that an engine shows. */
  shown(seen: Seen): NormalSpec;
  /** What one is made from, and so shows the settings of as its own: an image. */
  origin?: {
    kind: string;
    objectOf(seen: Seen): string | undefined;
    /** The fields that come from there, in comparable form. */
    fieldsOf(seen: Seen, origin: unknown): NormalSpec;
  };
  /**
   * The volumes that it uses, and in words those that nobody named: their data stays where it is
   * when this moves. Only the named ones could be used by the old and the new one at once.
   */
  dataOf?(seen: Seen): { named: string[]; nameless: string[] };
  /** What it was made with elsewhere and no field can say, in the words of its maker. */
  uncarried?(seen: Seen): string[];
  /** What one object differs in, looked at by itself. */
  diff(spec: Spec, seen: Seen, context: DiffContext): Change;
  /** Another content under the same declaration: which fact says it, and whether it may come. */
  content?: { fact: string; mayChange(fields: Readonly<Record<string, unknown>>): boolean };
  /** Whether two of different names cannot be there at once; they can when absent. */
  clashes?(spec: Spec, old: Spec): boolean;
  /** Plans one resource among all of a stack. */
  plan(draft: PlanDraft, resource: Placed<Spec>): void;
}

/** An entry of which nothing is known but that its parts fit together. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of callbacks cannot be `unknown`
export type AnyKind = KindEntry<any, any, any>;
