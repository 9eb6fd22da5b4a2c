// Applies `extends`: a service takes over what another says, from the same file or another one.
import { dirname, relative, resolve } from "node:path";
import {
  entry,
  isNull,
  type MapNode,
  type Node,
  type Path,
  stringOf,
  withEntries,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { nearestName } from "../schema/shape.ts";
import { merge } from "./merge.ts";
import { withoutPaths } from "./reset.ts";

/** Another file as `extends` sees it: its services, in long form, paths resolved. */
export interface ExtendedFile {
  services: MapNode;
  resets: readonly Path[];
}

/** No service is made of more others: what takes over from what takes over, and so on. */
const MAX_CHAIN = 100;

export interface ExtendsContext {
  /** The file that is being loaded, and the directory its `extends.file` are relative to. */
  file: string;
  directory: string;
  problems: Problems;
  /** Loads a file to extend from, its paths joined to `base`; undefined when that failed. */
  load(file: string, base: string): ExtendedFile | undefined;
}

/** The same model with every service complete. */
export function applyExtends(
  root: MapNode,
  resets: readonly Path[],
  context: ExtendsContext,
): MapNode {
  const services = root.entries.get("services");
  if (services?.kind !== "map") return root;
  let result = services;
  for (const name of services.entries.keys()) {
    result = extended(name, { services: result, resets, file: context.file, chain: [] }, context);
  }
  return withEntries(root, { services: result });
}

interface Step {
  /** The services of one file, and what their later definitions reset. */
  services: MapNode;
  resets: readonly Path[];
  file: string;
  chain: readonly { file: string; service: string }[];
}

/** The services with the named one complete. */
function extended(name: string, step: Step, context: ExtendsContext): MapNode {
  const { services, file, chain } = step;
  const service = services.entries.get(name);
  const target = entry(service, "extends");
  if (service?.kind !== "map" || target === undefined || service.broken) return services;
  const without = withEntries(service, { extends: undefined });
  const fail = (at: Node, message: string, hint?: string) => {
    context.problems.add(at, ["services", name, "extends"], message, hint);
    return withEntries(services, { [name]: { ...without, broken: true } });
  };
  const reference = stringOf(target) ?? stringOf(entry(target, "service"));
  if (reference === undefined) return fail(target, "names no service to extend");
  if (chain.some((one) => one.file === file && one.service === name)) {
    const links = [...chain.map((one) => one.service), name].join(" extends ");
    return fail(target, `extends itself: ${links}`);
  }
  if (chain.length >= MAX_CHAIN) return fail(target, `extends more than ${MAX_CHAIN} services`);
  const fileNode = entry(target, "file");
  const from = isNull(fileNode) ? step : otherFile(stringOf(fileNode), context);
  if (from === undefined) return fail(fileNode ?? target, "cannot be extended from");
  if (!from.services.entries.has(reference)) {
    const near = nearestName(reference, [...from.services.entries.keys()]);
    const hint = near === undefined ? undefined : `Did you mean ${near}?`;
    return fail(target, `no service ${reference} in ${from.file}`, hint);
  }
  const next = { ...from, chain: [...chain, { file, service: name }] };
  const base = extended(reference, next, context).entries.get(reference);
  if (base === undefined || base.kind !== "map") return withEntries(services, { [name]: without });
  const source = withoutPaths(base, below(step.resets, name));
  const merged = merge(source, without, ["services", name], context.problems);
  if (merged.kind !== "map") return services;
  const complete = withEntries(merged, { extends: undefined });
  return withEntries(services, {
    [name]: service.keyAt === undefined ? complete : { ...complete, keyAt: service.keyAt },
  });
}

/** The paths inside one service, relative to it. */
function below(resets: readonly Path[], name: string): Path[] {
  return resets
    .filter((path) => path[0] === "services" && path[1] === name && path.length > 2)
    .map((path) => path.slice(2));
}

function otherFile(
  file: string | undefined,
  context: ExtendsContext,
): Omit<Step, "chain"> | undefined {
  if (file === undefined || file === "") return undefined;
  const path = resolve(context.directory, file);
  const loaded = context.load(path, relative(context.directory, dirname(path)));
  return loaded === undefined ? undefined : { ...loaded, file: path };
}
