// Drops what `!reset` and `!override` in a later file say must not be kept from earlier ones.
import { list, mapValues, type Node, type Path } from "../document/node.ts";

/** The same tree without the values at the given paths. Items of lists cannot be dropped alone. */
export function withoutPaths(node: Node, drop: readonly Path[], path: Path = []): Node {
  if (drop.length === 0 || node.kind === "scalar") return node;
  if (node.kind === "list") {
    const items = node.items.map((item, index) => withoutPaths(item, drop, [...path, index]));
    return { ...node, items: list(items, node.at).items };
  }
  const entries = new Map(node.entries);
  for (const key of node.entries.keys()) {
    if (drop.some((one) => same(one, [...path, key]))) entries.delete(key);
  }
  return mapValues({ ...node, entries }, (value, key) => withoutPaths(value, drop, [...path, key]));
}

function same(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
