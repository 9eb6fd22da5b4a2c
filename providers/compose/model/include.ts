// Applies `include`: other Compose projects whose resources become part of this one.
import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  entry,
  equal,
  type MapNode,
  map,
  type Node,
  stringOf,
  withEntries,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { include as includeShape } from "../schema/model.ts";
import { type Environment, extended, readEnvFiles } from "./environment.ts";

/** One project to include, as it is to be loaded. */
export interface Inclusion {
  files: string[];
  /** What relative paths of the files are relative to, relative itself to the including project. */
  base: string;
  /** The same as an absolute path. */
  directory: string;
  environment: Environment;
}

export interface IncludeContext {
  /** The directory of the including project, absolute, and what its paths are relative to. */
  directory: string;
  base: string;
  environment: Environment;
  /** Files that are being loaded, outermost first. */
  loading: readonly string[];
  problems: Problems;
  load(inclusion: Inclusion): MapNode | undefined;
}

const KINDS = ["services", "volumes", "networks", "secrets", "configs", "models"];

/** The model with everything it includes. */
export function applyInclude(root: MapNode, context: IncludeContext): MapNode {
  const included = root.entries.get("include");
  if (included === undefined) return root;
  const rest = withEntries(root, { include: undefined });
  const checked = includeShape.check(included, ["include"], context.problems);
  if (checked.kind !== "list") return rest;
  let result = rest;
  for (const [index, item] of checked.items.entries()) {
    if (item.broken) continue;
    const inclusion = inclusionOf(item, index, context);
    const imported = inclusion === undefined ? undefined : context.load(inclusion);
    if (imported !== undefined) result = withImported(result, imported, context.problems);
  }
  return result;
}

function texts(node: Node | undefined): string[] {
  const text = stringOf(node);
  if (text !== undefined) return [text];
  return node?.kind === "list" ? node.items.flatMap((item) => stringOf(item) ?? []) : [];
}

function inclusionOf(item: Node, index: number, context: IncludeContext): Inclusion | undefined {
  const paths = texts(stringOf(item) === undefined ? entry(item, "path") : item);
  const files = paths.map((path) => resolve(context.directory, path));
  const [main] = files;
  if (main === undefined) return undefined;
  if (context.loading.includes(main)) {
    const chain = [...context.loading, main].join(" includes ");
    context.problems.add(item, ["include", index], `includes itself: ${chain}`);
    return undefined;
  }
  const given = stringOf(entry(item, "project_directory"));
  const directory = given === undefined ? dirname(main) : resolve(context.directory, given);
  const relativeBase = relative(context.directory, directory);
  try {
    const environment = extended(
      context.environment,
      readEnvFiles(envFiles(entry(item, "env_file"), directory, context), context.environment),
    );
    const base = given !== undefined && isAbsolute(given) ? given : relativeBase;
    return { files, base, directory, environment };
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    context.problems.add(item, ["include", index], error.message);
    return undefined;
  }
}

function envFiles(node: Node | undefined, directory: string, context: IncludeContext): string[] {
  const given = texts(node);
  if (given.length > 0) return given.map((path) => resolve(context.directory, path));
  const file = join(directory, ".env");
  return existsSync(file) && !statSync(file).isDirectory() ? [file] : [];
}

function withImported(root: MapNode, imported: MapNode, problems: Problems): MapNode {
  let result = root;
  for (const kind of KINDS) {
    const from = imported.entries.get(kind);
    if (from?.kind !== "map") continue;
    const own = result.entries.get(kind);
    const entries = new Map(own?.kind === "map" ? own.entries : []);
    for (const [name, resource] of from.entries) {
      const existing = entries.get(name);
      if (existing === undefined) {
        entries.set(name, resource);
      } else if (!equal(existing, resource)) {
        const at = resource.keyAt ?? resource.at;
        const hint = "Rename one of them, or change the included one in a further -f file.";
        problems.add(
          existing,
          [kind, name],
          `also declared by the included ${at.file}:${at.line}`,
          hint,
        );
      }
    }
    result = withEntries(result, { [kind]: map(entries, own?.at ?? from.at) });
  }
  return result;
}
