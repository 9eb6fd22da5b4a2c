// The tree a Compose file is read into: values that remember where they were written.
// Nodes are never changed once made; every step of loading returns new ones.

/** A place in a file; lines and columns start at 1. */
export interface Source {
  file: string;
  line: number;
  column: number;
  /** The value there has the value of a variable in it, which may be a secret. */
  fromVariable?: true;
  /** The path there was relative: it is the project's own, not one of a host. */
  fromProject?: true;
}

export type Scalar = string | number | bigint | boolean | null;

interface Placed {
  readonly at: Source;
  /** Where the key stands, for a value of a map. */
  readonly keyAt?: Source;
  /** A problem was already reported here: later steps must not report consequences of it. */
  readonly broken?: boolean;
}

export interface ScalarNode extends Placed {
  readonly kind: "scalar";
  readonly value: Scalar;
}

export interface MapNode extends Placed {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Node>;
}

export interface ListNode extends Placed {
  readonly kind: "list";
  readonly items: readonly Node[];
}

export type Node = ScalarNode | MapNode | ListNode;

/** Names of map keys and indexes of list items, from the root of the model. */
export type Path = readonly (string | number)[];

export function scalar(value: Scalar, at: Source): ScalarNode {
  return { kind: "scalar", value, at };
}

export function map(entries: Iterable<readonly [string, Node]>, at: Source): MapNode {
  return { kind: "map", entries: new Map(entries), at };
}

export function list(items: readonly Node[], at: Source): ListNode {
  return { kind: "list", items, at };
}

/** The same map with some entries set, or removed where the value is undefined. */
export function withEntries(node: MapNode, changes: Record<string, Node | undefined>): MapNode {
  const entries = new Map(node.entries);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }
  return { ...node, entries };
}

/** The same map with every value replaced by what `change` makes of it. */
export function mapValues(node: MapNode, change: (value: Node, key: string) => Node): MapNode {
  const entries = new Map<string, Node>();
  for (const [key, value] of node.entries) entries.set(key, change(value, key));
  return { ...node, entries };
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === "scalar" && node.value === null);
}

/** The entry of a map; undefined when the node is no map or lacks it. */
export function entry(node: Node | undefined, key: string): Node | undefined {
  return node?.kind === "map" ? node.entries.get(key) : undefined;
}

/** The string a node holds; undefined for anything else. */
export function stringOf(node: Node | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** The node at a path, or the nearest one above it that exists. */
export function nearest(root: Node, path: Path): Node {
  let node = root;
  for (const part of path) {
    const next =
      node.kind === "map"
        ? node.entries.get(String(part))
        : node.kind === "list"
          ? node.items[Number(part)]
          : undefined;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** Equal in value, wherever the two were written; the order of map keys does not count. */
export function equal(a: Node, b: Node): boolean {
  if (a.kind === "scalar") return b.kind === "scalar" && a.value === b.value;
  if (a.kind === "list") {
    return (
      b.kind === "list" &&
      a.items.length === b.items.length &&
      a.items.every((item, index) => equal(item, b.items[index]!))
    );
  }
  if (b.kind !== "map" || a.entries.size !== b.entries.size) return false;
  for (const [key, value] of a.entries) {
    const other = b.entries.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

/** `services.web.ports[0]`, as people write paths. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** Whether a path fits a pattern such as `services.*.ports.*`, where `*` is any one part. */
export function fits(pattern: readonly string[], path: Path): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, index) => part === "*" || part === path[index])
  );
}
