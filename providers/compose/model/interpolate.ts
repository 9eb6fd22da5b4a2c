// Replaces variables in every string of a file, and turns those that stand where the model wants
// a number or a boolean into one.
import { castFor } from "../document/cast.ts";
import {
  list,
  mapValues,
  type Node,
  type Path,
  type ScalarNode,
  scalar,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { type Lookup, substitute, TemplateError } from "./template.ts";

/** The same tree with variables replaced; what fails is reported and marked as broken. */
export function interpolate(node: Node, lookup: Lookup, problems: Problems, path: Path = []): Node {
  switch (node.kind) {
    case "map":
      return mapValues(node, (value, key) => interpolate(value, lookup, problems, [...path, key]));
    case "list": {
      const items = node.items.map((item, index) =>
        interpolate(item, lookup, problems, [...path, index]),
      );
      return { ...node, items: list(items, node.at).items };
    }
    case "scalar":
      return typeof node.value === "string"
        ? replaced(node, node.value, lookup, problems, path)
        : node;
  }
}

function replaced(
  node: ScalarNode,
  text: string,
  lookup: Lookup,
  problems: Problems,
  path: Path,
): Node {
  const warn = (name: string) =>
    problems.warn(`The variable ${name} is not set; it counts as empty.`);
  const used = new Set<string>();
  const noted: Lookup = (name) => {
    const value = lookup(name);
    if (value !== undefined && value !== "") used.add(name);
    return value;
  };
  try {
    const value = substitute(text, noted, warn);
    const cast = castFor(path);
    if (cast === undefined) {
      if (value === text) return node;
      return used.size === 0
        ? { ...node, value }
        : { ...node, value, at: { ...node.at, fromVariable: true } };
    }
    const result = cast(value);
    if (result === undefined) {
      const shown = value === text ? "" : ` (from ${JSON.stringify(text)})`;
      problems.add(node, path, `${JSON.stringify(value)}${shown} is not ${cast.wants}`);
      return { ...node, broken: true };
    }
    return { ...node, value: scalar(result, node.at).value };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const hint =
      error.variable === undefined
        ? "Write $$ for a dollar sign that starts no variable."
        : `Set ${error.variable} in the environment or in an env file.`;
    problems.add(node, path, error.message, hint);
    return { ...node, broken: true };
  }
}
