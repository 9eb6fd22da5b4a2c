// Shapes made of other shapes: maps with known keys, maps with free keys, lists, and the
// `KEY=value` lists that may also be written as maps.
import { equal, list as listNode, map, type Node, type Path } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { scalarText } from "../document/scalar.ts";
import { shellWords } from "../document/shell-words.ts";
import {
  isExtension,
  nearestName,
  plainValue,
  refuse,
  type Shape,
  sortedEntries,
  sortedObject,
  type ValueOf,
} from "./shape.ts";

interface ObjectOptions<R extends PropertyKey = string> {
  required?: readonly R[];
  /** Keys that canonical forms and defaults have filled in before the value is read. */
  filled?: readonly R[];
  /** Whether x- keys are allowed; they are unless this is false. */
  extensions?: boolean;
  /** Whether nothing may stand in place of the map. */
  nullable?: boolean;
  /** An empty one is left out of the model. */
  omitEmpty?: boolean;
}

type Fields = Readonly<Record<string, Shape>>;

/** What the model holds of a map with known keys: only what was written, but for the required. */
export type ObjectOf<F extends Fields, R extends PropertyKey = never> = {
  [K in Exclude<keyof F, R>]?: ValueOf<F[K]>;
} & { [K in Extract<keyof F, R>]: ValueOf<F[K]> } & { [extension: `x-${string}`]: unknown };

/** A map with known keys, which the model keeps in the order given here. */
export function object<F extends Fields, R extends Extract<keyof F, string> = never>(
  fields: F,
  options: ObjectOptions<R> = {},
): Shape<ObjectOf<F, R>> {
  const names = Object.keys(fields);
  const wants = "a map";
  return {
    wants,
    check(node, path, problems) {
      if (node.broken || (options.nullable && node.kind === "scalar" && node.value === null)) {
        return node;
      }
      if (node.kind !== "map") return refuse(node, path, wants, problems);
      const kept: [string, Node][] = [];
      let unfit = false;
      for (const [key, value] of sortedEntries(node)) {
        const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (shape !== undefined) {
          const checked = shape.check(value, [...path, key], problems);
          unfit ||= checked.broken === true;
          kept.push([key, checked]);
        } else if (isExtension(key) && options.extensions !== false) {
          kept.push([key, value]);
        } else {
          unknownKey(key, value, names, path, problems);
          unfit = true;
        }
      }
      for (const name of options.required ?? []) {
        if (node.entries.has(name) || unfit) continue;
        problems.add(node, path, `${name} is missing`);
        unfit = true;
      }
      return { ...node, entries: map(kept, node.at).entries, ...(unfit ? { broken: true } : {}) };
    },
    read(node, path, problems) {
      if (node.kind !== "map") return undefined;
      const entries: Record<string, unknown> = {};
      for (const name of names) {
        const value = node.entries.get(name);
        if (value === undefined) continue;
        const read = fields[name]?.read(value, [...path, name], problems);
        if (read !== undefined) entries[name] = read;
      }
      for (const [key, value] of sortedEntries(node)) {
        if (isExtension(key) && !key.startsWith("x-#")) entries[key] = plainValue(value);
      }
      return options.omitEmpty && Object.keys(entries).length === 0
        ? undefined
        : (entries as ObjectOf<F, R>);
    },
  };
}

function unknownKey(
  key: string,
  node: Node,
  known: readonly string[],
  path: Path,
  problems: Problems,
): void {
  const near = nearestName(key, known);
  const hint =
    near === undefined ? "Remove it; keys that start with x- are free." : `Did you mean ${near}?`;
  problems.add(node, [...path, key], "unknown key", hint);
}

interface DictOptions<N extends boolean> {
  /** What a key may be; `name` says what the keys name, for messages. */
  keys?: { form: RegExp; name: string };
  /** Keep an empty map in the model. */
  keepEmpty?: boolean;
  /** Values may be nothing, which the model keeps. */
  nullable?: N;
}

/** A map with free keys and values of one shape. */
export function dict<T, N extends boolean = false>(
  shape: Shape<T>,
  options: DictOptions<N> = {},
): Shape<Record<string, N extends true ? T | null : T>> {
  type Value = N extends true ? T | null : T;
  const wants = "a map";
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      if (node.kind !== "map") return refuse(node, path, wants, problems);
      const kept: [string, Node][] = [];
      for (const [key, value] of sortedEntries(node)) {
        if (options.keys !== undefined && !options.keys.form.test(key)) {
          const hint = "Use letters, digits, dots, underscores and hyphens.";
          problems.add(value, [...path, key], `not a valid ${options.keys.name} name`, hint);
          continue;
        }
        const empty = value.kind === "scalar" && value.value === null;
        kept.push([
          key,
          options.nullable && empty ? value : shape.check(value, [...path, key], problems),
        ]);
      }
      return { ...node, entries: map(kept, node.at).entries };
    },
    read(node, path, problems) {
      if (node.kind !== "map") return undefined;
      const entries: [string, Value][] = [];
      for (const [key, value] of sortedEntries(node)) {
        const read = shape.read(value, [...path, key], problems);
        if (read !== undefined) entries.push([key, read as Value]);
        else if (options.nullable) entries.push([key, null as Value]);
      }
      return entries.length === 0 && !options.keepEmpty ? undefined : sortedObject(entries);
    },
  };
}

/** A list; with `unique`, an item that stands there twice is refused. */
export function listOf<T>(shape: Shape<T>, options: { unique?: boolean } = {}): Shape<T[]> {
  const wants = "a list";
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      if (node.kind !== "list") return refuse(node, path, wants, problems);
      const items = node.items.map((item, index) => shape.check(item, [...path, index], problems));
      for (const [index, item] of options.unique ? node.items.entries() : []) {
        if (node.items.findIndex((other) => equal(item, other)) < index) {
          problems.add(item, [...path, index], "stands here twice");
        }
      }
      return { ...node, items: listNode(items, node.at).items };
    },
    read(node, path, problems) {
      if (node.kind !== "list" || node.items.length === 0) return undefined;
      const items = node.items.map((item, index) => shape.read(item, [...path, index], problems));
      // An empty text is left out of a map, but keeps its place in a list.
      return items.map((item) => item ?? ("" as T));
    },
  };
}

/**
 * A value that may be written in several ways, told apart by what they are in YAML; all but the one
 * that `read` belongs to are turned into it before reading.
 */
export function forms<T>(
  kinds: { scalar?: Shape; list?: Shape; map?: Shape },
  read: Shape<T>,
  wants = [kinds.scalar, kinds.list, kinds.map].flatMap((kind) => kind?.wants ?? []).join(" or "),
): Shape<T> {
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      const isNull = node.kind === "scalar" && node.value === null;
      const shape = isNull ? undefined : kinds[node.kind];
      return shape?.check(node, path, problems) ?? refuse(node, path, wants, problems);
    },
    read: (node, path, problems) => read.read(node, path, problems),
  };
}

/** A value that is allowed, but has no place in the model as Compose prints it. */
export function dropped(shape: Shape): Shape<never> {
  return { ...shape, read: () => undefined };
}

/** A list of strings, or one string for a list of one. */
export function oneOrMany(
  item: Shape<string>,
  options: { unique?: boolean } = {},
): Shape<string[]> {
  const many = listOf(item, options);
  const wants = "a string or a list of strings";
  return {
    wants,
    check: (node, path, problems) => {
      if (node.kind === "list") return many.check(node, path, problems);
      if (node.kind === "scalar" && typeof node.value === "string") return node;
      return refuse(node, path, wants, problems);
    },
    read: (node, path, problems) => {
      if (node.kind === "list") return many.read(node, path, problems);
      return node.kind === "scalar" ? [scalarText(node.value)] : undefined;
    },
  };
}

/** A command: words, or a line that is split as a shell would. An empty one is kept. */
export const command: Shape<string[]> = {
  wants: "a string or a list of strings",
  check(node, path, problems) {
    if (node.broken) return node;
    if (node.kind === "scalar" && (node.value === null || typeof node.value === "string"))
      return node;
    if (node.kind !== "list") return refuse(node, path, this.wants, problems);
    for (const [index, item] of node.items.entries()) {
      if (item.kind !== "scalar" || typeof item.value !== "string") {
        refuse(item, [...path, index], "a string", problems);
      }
    }
    return node;
  },
  read(node, path, problems) {
    if (node.kind === "list") {
      return node.items.map((item) => (item.kind === "scalar" ? scalarText(item.value) : ""));
    }
    if (node.kind !== "scalar" || node.value === null) return undefined;
    const words = shellWords(scalarText(node.value));
    if (words === undefined) {
      problems.add(node, path, "a quote or a parenthesis is not closed", "Write it as a list.");
    }
    return words;
  },
};

/**
 * `KEY=value` strings, or a map of them; the model has a map of strings. A key without a value
 * means what `bare` says: the empty string, or null, which is nothing yet.
 */
export function pairs<B extends null | "">(bare: B): Shape<Record<string, string | B>> {
  const wants = "a map or a list of KEY=value strings";
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      if (node.kind === "scalar") return refuse(node, path, wants, problems);
      const items =
        node.kind === "list"
          ? node.items.map((item, index) => [index, item] as const)
          : sortedEntries(node);
      for (const [key, item] of items) {
        const fits =
          item.kind === "scalar" && (node.kind === "map" || typeof item.value === "string");
        if (fits) continue;
        refuse(
          item,
          [...path, key],
          node.kind === "list" ? "a string" : "a single value",
          problems,
        );
      }
      return node;
    },
    read: (node, path, problems) => readPairs(node, path, problems, bare),
  };
}

function readPairs<B extends null | "">(
  node: Node,
  path: Path,
  problems: Problems,
  bare: B,
): Record<string, string | B> | undefined {
  const entries = new Map<string, string | B>();
  if (node.kind === "map") {
    for (const [key, value] of node.entries) {
      const empty = value.kind !== "scalar" || value.value === null;
      entries.set(key, empty ? bare : scalarText(value.value));
    }
  } else if (node.kind === "list") {
    for (const [index, item] of node.items.entries()) {
      const line = item.kind === "scalar" ? scalarText(item.value) : "";
      const cut = line.indexOf("=");
      const key = cut === -1 ? line : line.slice(0, cut);
      if (bare === null && /\s$/.test(key)) {
        problems.add(item, [...path, index], `a space before the = of ${JSON.stringify(key)}`);
      }
      entries.set(key, cut === -1 ? bare : line.slice(cut + 1));
    }
  }
  return entries.size === 0 ? undefined : sortedObject([...entries]);
}
