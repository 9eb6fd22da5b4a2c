// Turns every short syntax into its long form.
import { posix } from "node:path";
import { booleanOf } from "../document/cast.ts";
import {
  entry,
  isNull,
  type MapNode,
  map,
  mapValues,
  type Node,
  type Path,
  type Source,
  scalar,
  stringOf,
  withEntries,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { asMap, plainDependency } from "./merge.ts";
import { parseMount } from "./mount.ts";
import { parsePorts } from "./port.ts";

type Change = (node: Node, path: Path, problems: Problems) => Node;

/** The same model with long forms only; what cannot be read is reported and marked as broken. */
export function canonical(root: MapNode, problems: Problems): MapNode {
  let result = root;
  for (const kind of ["networks", "volumes", "secrets", "configs"]) {
    result = change(result, [kind], kind, (resources, path) =>
      resources.kind === "map"
        ? mapValues(resources, (resource, key) => external(resource, [...path, key], problems))
        : resources,
    );
  }
  return change(result, ["services"], "services", (services, path) =>
    services.kind === "map"
      ? mapValues(services, (service, key) =>
          service.kind === "map" ? canonicalService(service, [...path, key], problems) : service,
        )
      : services,
  );
}

const eachItem =
  (item: Change): Change =>
  (node, path, problems) =>
    node.kind === "list"
      ? {
          ...node,
          items: node.items.map((one, index) => item(one, [...path, index], problems)),
        }
      : node;

const inList: Change = (node) =>
  stringOf(node) === undefined ? node : { ...node, kind: "list", items: [bare(node)] };

const asNames: Change = (node) =>
  node.kind === "list" ? (asMap(node, (at) => scalar(null, at.at)) ?? node) : node;

const asReference: Change = (node) => shorthand(node, (text) => [["source", text]]);

const SERVICE: Readonly<Record<string, Change>> = {
  build: canonicalBuild,
  depends_on: dependencies,
  env_file: (node, path, problems) =>
    eachItem(envFile)(inList(node, path, problems), path, problems),
  label_file: inList,
  gpus: (node) =>
    stringOf(node) === undefined
      ? node
      : {
          ...node,
          kind: "list",
          items: [map([["count", scalar("all", node.at)]], node.at)],
        },
  networks: asNames,
  models: asNames,
  volumes: eachItem(mount),
  dns: (node, path, problems) => withoutEmpty(inList(node, path, problems)),
  devices: eachItem(device),
  secrets: eachItem(asReference),
  configs: eachItem(asReference),
  ports,
};

function canonicalService(service: MapNode, path: Path, problems: Problems): MapNode {
  let result = service;
  for (const [key, apply] of Object.entries(SERVICE)) {
    result = change(result, [...path, key], key, (node, at) => apply(node, at, problems));
  }
  return result;
}

/** The map with one entry changed; without the entry it stays as it is. */
function change(
  node: MapNode,
  path: Path,
  key: string,
  apply: (value: Node, path: Path) => Node,
): MapNode {
  const value = node.entries.get(key);
  if (value === undefined || value.broken) return node;
  const changed = apply(value, path);
  return changed === value ? node : withEntries(node, { [key]: keepKey(changed, value) });
}

function keepKey(node: Node, from: Node): Node {
  return from.keyAt === undefined ? node : { ...node, keyAt: from.keyAt };
}

function bare(node: Node): Node {
  const { keyAt: _keyAt, ...rest } = node;
  return rest as Node;
}

/** A map in place of a string; other nodes stay as they are. */
function shorthand(
  node: Node,
  entries: (text: string) => readonly (readonly [string, string | boolean])[],
): Node {
  const text = stringOf(node);
  if (text === undefined) return node;
  return made(entries(text), node.at);
}

function made(entries: readonly (readonly [string, string | boolean])[], at: Source): MapNode {
  return map(
    entries.map(([key, value]) => [key, scalar(value, at)] as const),
    at,
  );
}

function canonicalBuild(node: Node, path: Path, problems: Problems): Node {
  const long = shorthand(node, (context) => [["context", context]]);
  if (long.kind !== "map") return long;
  const named = change(long, [...path, "additional_contexts"], "additional_contexts", (node, at) =>
    pairsAsMap(node, at, problems),
  );
  return change(named, [...path, "secrets"], "secrets", (secrets, at) =>
    eachItem(asReference)(secrets, at, problems),
  );
}

/** `name=value` strings as a map. */
function pairsAsMap(node: Node, path: Path, problems: Problems): Node {
  if (node.kind !== "list") return node;
  const entries = node.items.flatMap((item, index) => {
    const found = /^([^=]*)=([\s\S]*)$/.exec(stringOf(item) ?? "");
    if (found === null) problems.add(item, [...path, index], "must be name=value");
    return found === null ? [] : [[found[1] ?? "", scalar(found[2] ?? "", item.at)] as const];
  });
  return map(entries, node.at);
}

function dependencies(node: Node): Node {
  const long = asMap(node, plainDependency);
  if (long === undefined) return node;
  return mapValues(long, (dependency) => {
    if (dependency.kind !== "map" || dependency.entries.has("required")) return dependency;
    return withEntries(dependency, { required: scalar(true, dependency.at) });
  });
}

function envFile(node: Node): Node {
  const long = shorthand(node, (path) => [
    ["path", path],
    ["required", true],
  ]);
  if (long.kind !== "map" || long.entries.has("required")) return long;
  return withEntries(long, { required: scalar(true, long.at) });
}

function withoutEmpty(node: Node): Node {
  if (node.kind !== "list") return node;
  const items = node.items.filter((item) => !isNull(item) && stringOf(item) !== "");
  return { ...node, items };
}

function mount(node: Node, path: Path, problems: Problems): Node {
  const text = stringOf(node);
  if (text === undefined) return node;
  const found = parseMount(text);
  if (found === undefined) {
    const hint = "Write it as source:target or source:target:ro.";
    problems.add(node, path, `${JSON.stringify(text)} is not a mount`, hint);
    return { ...node, broken: true };
  }
  const entries: [string, Node][] = [["type", scalar(found.type, node.at)]];
  const add = (key: string, value: string | boolean) => entries.push([key, scalar(value, node.at)]);
  if (found.source !== "") add("source", found.source);
  add("target", found.target === "" ? "" : cleanTarget(found.target));
  if (found.readOnly) add("read_only", true);
  if (found.type === "bind") {
    const bind: [string, string | boolean][] = [["create_host_path", true]];
    if (found.selinux !== undefined) bind.push(["selinux", found.selinux]);
    if (found.propagation !== undefined) bind.push(["propagation", found.propagation]);
    entries.push(["bind", made(bind, node.at)]);
  } else if (!found.bare) {
    entries.push(["volume", made(found.nocopy ? [["nocopy", true]] : [], node.at)]);
  }
  return map(entries, node.at);
}

/** As Go's path.Clean: no trailing slash, no `.` or `..` that can be resolved. */
export function cleanTarget(target: string): string {
  const normal = posix.normalize(target);
  return normal.length > 1 ? normal.replace(/\/$/, "") : normal;
}

function device(node: Node, path: Path, problems: Problems): Node {
  const text = stringOf(node);
  if (text === undefined) return node;
  const parts = text.split(":");
  if (parts.length > 3) {
    problems.add(node, path, `${JSON.stringify(text)} has too many parts`, "Use the long syntax.");
    return { ...node, broken: true };
  }
  const [source = "", target = "", permissions = "rwm"] = parts;
  return made(
    [
      ["source", source],
      ["target", target || source],
      ["permissions", permissions],
    ],
    node.at,
  );
}

/** Ports that ranges were spread out to, in all files of a project together. */
const portsSpread = new WeakMap<Problems, number>();
const MOST_PORTS = 65_536;

function ports(node: Node, path: Path, problems: Problems): Node {
  if (node.kind !== "list") return node;
  const items = node.items.flatMap((item, index): Node[] => {
    if (item.kind !== "scalar" || item.broken) return [item];
    const found = parsePorts(String(item.value));
    if (typeof found === "string") {
      const hint = 'Write it as "8080:80", "127.0.0.1:8080:80" or "53:53/udp".';
      problems.add(item, [...path, index], found, hint);
      return [];
    }
    const total = (portsSpread.get(problems) ?? 0) + found.length;
    portsSpread.set(problems, total);
    if (total > MOST_PORTS) {
      problems.add(item, path, `the project publishes more than ${MOST_PORTS} ports`);
      return [];
    }
    return found.map((port) =>
      map(
        [
          ["mode", scalar("ingress", item.at)],
          ...(port.hostIp === "" ? [] : [["host_ip", scalar(port.hostIp, item.at)] as const]),
          ["target", scalar(port.target, item.at)],
          ...(port.published === ""
            ? []
            : [["published", scalar(port.published, item.at)] as const]),
          ["protocol", scalar(port.protocol, item.at)],
        ],
        item.at,
      ),
    );
  });
  return { ...node, items };
}

/** `external: {name: x}` is the old form of `name: x` and `external: true`. */
function external(node: Node, path: Path, problems: Problems): Node {
  const value = entry(node, "external");
  if (node.kind !== "map" || value === undefined) return node;
  if (value.kind === "scalar" && typeof value.value === "string") {
    return withEntries(node, { external: scalar(booleanOf(value.value) ?? false, value.at) });
  }
  if (value.kind !== "map") return node;
  const oldName = entry(value, "name");
  const name = entry(node, "name");
  if (oldName !== undefined) {
    problems.warn(`${path.join(".")}: external.name is deprecated; write name and external: true.`);
    if (name !== undefined && stringOf(name) !== stringOf(oldName)) {
      problems.add(value, [...path, "external"], "name and external.name differ", "Use only name.");
    }
  }
  return withEntries(node, { external: scalar(true, value.at), name: name ?? oldName });
}
