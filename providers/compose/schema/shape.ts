// What a value of the model may be. A shape checks a value as it was written, in any of its
// syntaxes, and reads the canonical form of it into the plain value that the model holds.
import type { MapNode, Node, Path } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";

/** A shape of values that the model holds as `T`; `ValueOf` of it gives that type back. */
export interface Shape<out T = unknown> {
  /** Names the value in messages: "a string". */
  readonly wants: string;
  /** Reports what is wrong; gives the node back with wrong parts taken out. */
  check(node: Node, path: Path, problems: Problems): Node;
  /** The value in the model; undefined means that it is left out. */
  read(node: Node, path: Path, problems: Problems): T | undefined;
}

export type ValueOf<S extends Shape> = S extends Shape<infer T> ? T : never;

/** The same node marked so that no consequence of its problem is reported. */
export function broken<N extends Node>(node: N): N {
  return { ...node, broken: true };
}

/** What a node is, for messages. */
export function kindOf(node: Node): string {
  if (node.kind === "map") return "a map";
  if (node.kind === "list") return "a list";
  if (node.value === null) return "empty";
  if (typeof node.value === "boolean") return `the boolean ${node.value}`;
  if (typeof node.value === "string") return "a string";
  return `the number ${node.value}`;
}

/** Reports that a node is not what the shape wants. */
export function refuse(node: Node, path: Path, wants: string, problems: Problems): Node {
  if (node.broken) return node;
  const isText = node.kind === "scalar" && node.value !== null && /\bstring\b/.test(wants);
  const hint = isText ? `Put it in quotes: "${String(node.value)}".` : undefined;
  problems.add(node, path, `must be ${wants}, not ${kindOf(node)}`, hint);
  return broken(node);
}

/** The name nearest to a misspelt one; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const limit = name.length <= 4 ? 1 : name.length <= 8 ? 2 : 3;
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** Edits (insert, remove, replace, swap neighbours) between two words, as far as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** Extension keys are free: they start with `x-`. */
export function isExtension(key: string): boolean {
  return key.startsWith("x-");
}

/** The plain value of any node, for extensions and other free data. */
export function plainValue(node: Node): unknown {
  if (node.kind === "scalar")
    return typeof node.value === "bigint" ? Number(node.value) : node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  return sortedObject([...node.entries].map(([key, value]) => [key, plainValue(value)]));
}

/** An object with its keys in order; `__proto__` is a key like any other. */
export function sortedObject<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const result: Record<string, T> = {};
  for (const [key, value] of sorted) {
    Object.defineProperty(result, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

/** The entries of a map in the order of their keys, so that messages come in a stable order. */
export function sortedEntries(node: MapNode): [string, Node][] {
  return [...node.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
