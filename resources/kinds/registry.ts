// Every kind of object that can be declared on a host, in the order in which they are planned. One
// more kind is a folder beside this file and a line here.
import type { AnyKind } from "../plan/kind.ts";
import { containerKind } from "./container/change/kind.ts";
import { imageKind } from "./image/kind.ts";
import { networkKind } from "./network/kind.ts";
import { volumeKind } from "./volume/kind.ts";

const BUILT_IN = {
  network: networkKind,
  volume: volumeKind,
  container: containerKind,
  // Those that are only run from are brought by the containers before.
  image: imageKind,
} as const;

type BuiltIn = typeof BUILT_IN;

/** The kinds by name; of each its spec, what may be written, and what an engine shows. */
export type Kind = keyof BuiltIn;
export type SpecOf<K extends Kind> = ReturnType<BuiltIn[K]["placed"]>;
export type InputOf<K extends Kind> = NonNullable<BuiltIn[K]["input"]>;
export type SeenOf<K extends Kind> = Parameters<BuiltIn[K]["nameOf"]>[0];

const entries = new Map<string, AnyKind>(Object.entries(BUILT_IN));

/** All of them. */
export const KINDS: AnyKind[] = [...entries.values()];

/** The entry of a kind that is known to be one. */
export function kindOf(kind: string): AnyKind {
  const found = entries.get(kind);
  if (!found) throw new Error(`there is no kind ${kind}`);
  return found;
}

/** Whether something is a kind at all. */
export function isKind(kind: string): boolean {
  return entries.has(kind);
}

/** Adds a kind from outside; what is returned takes it away again. */
export function registerKind(kind: AnyKind): () => void {
  if (entries.has(kind.kind)) throw new Error(`there is a kind ${kind.kind} already`);
  entries.set(kind.kind, kind);
  KINDS.push(kind);
  return () => {
    entries.delete(kind.kind);
    KINDS.splice(KINDS.indexOf(kind), 1);
  };
}
