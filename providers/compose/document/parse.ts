// Reads YAML text into nodes with positions, resolving anchors, merge keys and the two tags
// of the Compose Specification. It decides scalar types as Go's yaml.v3 does, so that the same
// file means the same here and in Docker Compose.
import * as yaml from "yaml";
import {
  list,
  type MapNode,
  map,
  type Node,
  type Path,
  type Scalar,
  type Source,
  scalar,
} from "./node.ts";
import type { Problems } from "./problem.ts";
import { resolvePlain } from "./scalar.ts";

/** One YAML document of a file. */
export interface ParsedDocument {
  root: Node;
  /** Paths tagged `!reset` or `!override`: what earlier files say there is dropped. */
  resets: Path[];
}

/** More nodes than this, aliases expanded, is refused: no real file comes near. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 200;

/** Reads every document of a file; problems are added, and then the result is incomplete. */
export function parseYaml(text: string, file: string, problems: Problems): ParsedDocument[] {
  const lines = new yaml.LineCounter();
  const documents = composed(text, lines, file, problems);
  const parsed: ParsedDocument[] = [];
  for (const document of documents) {
    const place = (offset: number): Source => {
      const { line, col } = lines.linePos(offset);
      return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
    };
    for (const error of document.errors) {
      const message = error.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "");
      // The parser reports its own overflow among the errors, and then what follows from it.
      const isTooDeep = /stack overflow|call stack/i.test(message ?? "");
      const what = isTooDeep ? "nested too deeply to be read" : `not valid YAML: ${message}`;
      problems.add(place(error.pos[0]), [], what);
      if (isTooDeep) break;
    }
    if (document.errors.length > 0 || document.contents === null) continue;
    parsed.push(new Conversion(place, problems).document(document.contents));
  }
  return parsed;
}

function composed(text: string, lines: yaml.LineCounter, file: string, problems: Problems) {
  try {
    const documents = yaml.parseAllDocuments(text, {
      lineCounter: lines,
      schema: "failsafe",
      uniqueKeys: true,
      logLevel: "silent",
      prettyErrors: false,
      strict: false,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.add({ file, line: 1, column: 1 }, [], "nested too deeply to be read");
    return [];
  }
}

class Conversion {
  readonly #place: (offset: number) => Source;
  readonly #problems: Problems;
  readonly #anchors = new Map<string, { node: Node; size: number; resets: Path[] } | "open">();
  #nodes = 0;
  #refused = false;
  #resets: Path[] = [];

  constructor(place: (offset: number) => Source, problems: Problems) {
    this.#place = place;
    this.#problems = problems;
  }

  document(contents: unknown): ParsedDocument {
    const root = this.#convert(contents, [], 0) ?? scalar(null, this.#place(0));
    return { root, resets: this.#resets };
  }

  /** The node for a YAML node; undefined when it is tagged `!reset`. */
  #convert(node: unknown, path: Path, depth: number): Node | undefined {
    const at = this.#place(yaml.isNode(node) ? (node.range?.[0] ?? 0) : 0);
    if (!this.#count(1, at, path) || depth > MAX_DEPTH) {
      if (depth > MAX_DEPTH) this.#problems.add(at, path, `nested more than ${MAX_DEPTH} levels`);
      return { ...scalar(null, at), broken: true };
    }
    if (yaml.isAlias(node)) return this.#alias(node, path, at);
    if (!yaml.isScalar(node) && !yaml.isMap(node) && !yaml.isSeq(node)) return scalar(null, at);
    const tag = node.tag;
    if (tag === "!reset" || tag === "!override") this.#resets.push(path);
    if (tag === "!reset") return undefined;
    const before = this.#nodes;
    const firstReset = this.#resets.length;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, "open");
    const converted = yaml.isScalar(node)
      ? scalar(this.#scalarValue(node, at, path), at)
      : yaml.isMap(node)
        ? this.#map(node, path, depth, at)
        : this.#list(node, path, depth, at);
    if (node.anchor !== undefined) {
      const resets = this.#resets.slice(firstReset).map((reset) => reset.slice(path.length));
      this.#anchors.set(node.anchor, { node: converted, size: this.#nodes - before, resets });
    }
    return converted;
  }

  #alias(node: yaml.Alias, path: Path, at: Source): Node {
    const target = this.#anchors.get(node.source);
    if (target === undefined || target === "open") {
      const message =
        target === "open" ? `*${node.source} contains itself` : `no anchor &${node.source} above`;
      this.#problems.add(at, path, message);
      return { ...scalar(null, at), broken: true };
    }
    if (!this.#count(target.size, at, path)) return { ...scalar(null, at), broken: true };
    for (const reset of target.resets) this.#resets.push([...path, ...reset]);
    return target.node;
  }

  #count(nodes: number, at: Source, path: Path): boolean {
    this.#nodes += nodes;
    if (this.#nodes <= MAX_NODES) return true;
    if (!this.#refused) {
      this.#refused = true;
      const hint = "Split the file, or write less with aliases: each use of one counts in full.";
      this.#problems.add(at, path, `more than ${MAX_NODES} values, aliases expanded`, hint);
    }
    return false;
  }

  #scalarValue(node: yaml.Scalar, at: Source, path: Path): Scalar {
    const text = typeof node.value === "string" ? node.value : "";
    const plain = node.type === undefined || node.type === "PLAIN";
    switch (node.tag) {
      case undefined:
        return plain ? resolvePlain(text) : text;
      case "tag:yaml.org,2002:str":
        return text;
      case "tag:yaml.org,2002:null":
        return null;
      case "tag:yaml.org,2002:int":
      case "tag:yaml.org,2002:float":
      case "tag:yaml.org,2002:bool":
      case "!override":
        return resolvePlain(text);
      default:
        this.#problems.add(
          at,
          path,
          `unknown tag ${node.tag}`,
          "Compose knows !reset and !override.",
        );
        return text;
    }
  }

  #list(node: yaml.YAMLSeq, path: Path, depth: number, at: Source): Node {
    const items: Node[] = [];
    for (const [index, item] of node.items.entries()) {
      const converted = this.#convert(item, [...path, index], depth + 1);
      if (converted !== undefined) items.push(converted);
    }
    return list(items, at);
  }

  #map(node: yaml.YAMLMap, path: Path, depth: number, at: Source): MapNode {
    const own = new Map<string, Node>();
    const merged: MapNode[] = [];
    for (const pair of node.items) {
      const key = this.#key(pair.key, path);
      if (key === undefined) continue;
      if (key.text === "<<" && key.plain) {
        merged.push(...this.#mergeSources(pair.value, path, depth));
        continue;
      }
      const value = this.#convert(pair.value, [...path, key.text], depth + 1);
      if (value === undefined) continue;
      own.set(key.text, { ...value, keyAt: key.at });
    }
    for (const source of merged) {
      for (const [key, value] of source.entries) if (!own.has(key)) own.set(key, value);
    }
    return map(own, at);
  }

  #key(key: unknown, path: Path): { text: string; at: Source; plain: boolean } | undefined {
    const at = this.#place(yaml.isNode(key) ? (key.range?.[0] ?? 0) : 0);
    if (!yaml.isScalar(key)) {
      this.#problems.add(at, path, "a key must be a plain string");
      return undefined;
    }
    const text = String(key.value ?? "");
    const plain = key.type === undefined || key.type === "PLAIN";
    if (plain && typeof resolvePlain(text) !== "string") {
      const hint = `Put it in quotes: "${text}".`;
      this.#problems.add(at, path, `the key ${text || "(empty)"} is not a string`, hint);
      return undefined;
    }
    return { text, at, plain };
  }

  /** The maps behind `<<:`, the one that wins first. */
  #mergeSources(value: unknown, path: Path, depth: number): MapNode[] {
    const converted = this.#convert(value, path, depth + 1);
    if (converted === undefined) return [];
    const sources = converted.kind === "list" ? converted.items : [converted];
    const maps = sources.filter((source) => source.kind === "map");
    if (maps.length < sources.length) {
      this.#problems.add(converted, [...path, "<<"], "only maps can be merged with <<");
    }
    return maps;
  }
}
