// Values of secrets and configs that come from variables: kept beside the model, never printed.

import { entry, type MapNode, mapValues, scalar, stringOf, withEntries } from "../document/node.ts";
import type { Environment } from "./environment.ts";

/** Starts with x- to pass checks, and with a character that no written key keeps. */
const KEY = "x-#value";
const KINDS = ["secrets", "configs"] as const;

/** The model with the variables' values put beside their names. */
export function withVariableValues(root: MapNode, environment: Environment): MapNode {
  let result = root;
  for (const kind of KINDS) {
    const objects = result.entries.get(kind);
    if (objects?.kind !== "map") continue;
    const valued = mapValues(objects, (object) => {
      const value = environment.get(stringOf(entry(object, "environment")) ?? "");
      if (object.kind !== "map" || value === undefined || object.entries.has(KEY)) return object;
      return withEntries(object, { [KEY]: scalar(value, object.at) });
    });
    result = withEntries(result, { [kind]: valued });
  }
  return result;
}

/** The value of a secret or config that comes from a variable; undefined when that is not set. */
export function variableValue(
  root: MapNode,
  kind: "secrets" | "configs",
  name: string,
): string | undefined {
  return stringOf(entry(entry(root.entries.get(kind), name), KEY));
}
