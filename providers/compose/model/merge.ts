// How a later file changes an earlier one: maps merge, lists append, and the exceptions that the
// Compose Specification makes.
import {
  equal,
  fits,
  isNull,
  list,
  type MapNode,
  map,
  type Node,
  type Path,
  scalar,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { scalarText } from "../document/scalar.ts";

type Merge = (base: Node, over: Node, path: Path, problems: Problems) => Node;

const toList: Merge = (base, over) => append(asList(base), asList(over), base);
const replace: Merge = (_base, over) => over;

const SPECIAL: readonly (readonly [string, Merge])[] = [
  ["networks.*.ipam.config", mergePools],
  ["networks.*.labels", toList],
  ["volumes.*.labels", toList],
  ["services.*.annotations", toList],
  ["services.*.build", mergeBuild],
  ["services.*.build.args", toList],
  ["services.*.build.additional_contexts", toList],
  ["services.*.build.extra_hosts", mergeHosts],
  ["services.*.build.labels", toList],
  ["services.*.command", replace],
  ["services.*.depends_on", mergeDependencies],
  ["services.*.deploy.labels", toList],
  ["services.*.dns", toList],
  ["services.*.dns_opt", toList],
  ["services.*.dns_search", toList],
  ["services.*.entrypoint", replace],
  ["services.*.env_file", toList],
  ["services.*.label_file", toList],
  ["services.*.environment", toList],
  ["services.*.extra_hosts", mergeHosts],
  ["services.*.healthcheck.test", replace],
  ["services.*.labels", toList],
  ["services.*.volumes.*.volume.labels", toList],
  ["services.*.logging", mergeLogging],
  ["services.*.models", mergeNamed],
  ["services.*.networks", mergeNamed],
  ["services.*.sysctls", toList],
  ["services.*.tmpfs", toList],
  ["services.*.ulimits.*", replace],
];
const RULES = SPECIAL.map(([pattern, merge]) => ({ pattern: pattern.split("."), merge }));

/** The model that `over` makes of `base`. An empty value in `over` leaves the base as it is. */
export function merge(base: Node, over: Node, path: Path, problems: Problems): Node {
  if (base.broken || over.broken) return over.broken ? base : over;
  const rule = RULES.find(({ pattern }) => fits(pattern, path));
  if (rule !== undefined) return rule.merge(base, over, path, problems);
  if (isNull(over)) return base;
  if (base.kind === "scalar") return over;
  if (base.kind !== over.kind) {
    const wants = base.kind === "map" ? "a map" : "a list";
    const where = `${base.at.file}:${base.at.line}`;
    problems.add(over, path, `must be ${wants}, to be merged with the one at ${where}`);
    return base;
  }
  if (base.kind === "map") return mergeMaps(base, over as MapNode, path, problems);
  return append(base.items, asList(over), base);
}

/** The entries of both maps, those that are in both merged. */
export function mergeMaps(base: MapNode, over: MapNode, path: Path, problems: Problems): MapNode {
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const existing = entries.get(key);
    entries.set(
      key,
      existing === undefined ? value : merge(existing, value, [...path, key], problems),
    );
  }
  return { ...over, entries };
}

function append(base: readonly Node[], over: readonly Node[], at: Node): Node {
  return { ...list([...base, ...over], at.at), ...(at.keyAt ? { keyAt: at.keyAt } : {}) };
}

/** `KEY=value` strings for a map, in the order of its keys; a single value is a list of one. */
function asList(node: Node): readonly Node[] {
  if (node.kind === "list") return node.items;
  if (node.kind === "scalar") return typeof node.value === "string" ? [node] : [];
  const items: Node[] = [];
  for (const [key, value] of node.entries) {
    const at = value.keyAt ?? value.at;
    if (isNull(value)) items.push(scalar(key, at));
    const values = value.kind === "list" ? value.items : [value];
    for (const one of values) {
      if (one.kind !== "scalar" || one.value === null) continue;
      items.push(scalar(`${key}=${scalarText(one.value)}`, at));
    }
  }
  return items.sort((a, b) => {
    const left = a.kind === "scalar" ? String(a.value) : "";
    const right = b.kind === "scalar" ? String(b.value) : "";
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

/** A list of names as a map, each with the given value. */
export function asMap(node: Node, value: (at: Node) => Node): MapNode | undefined {
  if (node.kind === "map") return node;
  if (node.kind === "scalar") return undefined;
  const entries = node.items.flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string"
      ? [[item.value, { ...value(item), keyAt: item.at }] as const]
      : [],
  );
  return { ...map(entries, node.at), ...(node.keyAt ? { keyAt: node.keyAt } : {}) };
}

/** What `depends_on: [name]` says in the long form. */
export function plainDependency(at: Node): MapNode {
  return map(
    [
      ["condition", scalar("service_started", at.at)],
      ["required", scalar(true, at.at)],
    ],
    at.at,
  );
}

function mergeAs(
  base: Node,
  over: Node,
  value: (at: Node) => Node,
  path: Path,
  problems: Problems,
) {
  const left = asMap(base, value);
  const right = asMap(over, value);
  if (left === undefined) return over;
  return right === undefined ? base : mergeMaps(left, right, path, problems);
}

function mergeDependencies(base: Node, over: Node, path: Path, problems: Problems): Node {
  return mergeAs(base, over, plainDependency, path, problems);
}

function mergeNamed(base: Node, over: Node, path: Path, problems: Problems): Node {
  return mergeAs(base, over, (at) => scalar(null, at.at), path, problems);
}

function mergeBuild(base: Node, over: Node, path: Path, problems: Problems): Node {
  const asBuild = (node: Node): MapNode | undefined =>
    node.kind === "scalar" && typeof node.value === "string"
      ? map([["context", node]], node.at)
      : node.kind === "map"
        ? node
        : undefined;
  const left = asBuild(base);
  const right = asBuild(over);
  if (left === undefined) return over;
  return right === undefined ? base : mergeMaps(left, right, path, problems);
}

/** Options belong to a driver: those of another driver are dropped. */
function mergeLogging(base: Node, over: Node, path: Path, problems: Problems): Node {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const left = base.entries.get("driver");
  const right = over.entries.get("driver");
  const same = left === undefined || right === undefined || equal(left, right);
  return same ? mergeMaps(base, over, path, problems) : over;
}

function mergeHosts(base: Node, over: Node): Node {
  const known = asList(base);
  const added = asList(over).filter((item) => !known.some((other) => equal(item, other)));
  return append(known, added, base);
}

/** Address pools merge when they are of the same subnet. */
function mergePools(base: Node, over: Node, path: Path, problems: Problems): Node {
  if (base.kind !== "list" || over.kind !== "list") return over;
  const pools: MapNode[] = [];
  const put = (pool: MapNode) => {
    const index = pools.findIndex((other) => subnet(other) === subnet(pool));
    if (index === -1) pools.push(pool);
    else pools[index] = pool;
  };
  for (const left of base.items) {
    if (left.kind !== "map") continue;
    for (const right of over.items) {
      if (right.kind !== "map") continue;
      const isNew = !pools.some((other) => subnet(other) === subnet(right));
      if (subnet(left) !== subnet(right) && isNew) put(right);
      else put(mergeMaps(left, right, path, problems));
    }
  }
  return { ...base, items: pools };
}

function subnet(pool: MapNode): string {
  const node = pool.entries.get("subnet");
  return node?.kind === "scalar" ? String(node.value) : "";
}
