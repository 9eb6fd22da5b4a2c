// Makes relative paths of a file relative to the directory they are meant from.
import { homedir } from "node:os";
import { isAbsolute, join, posix } from "node:path";
import {
  fits,
  type MapNode,
  mapValues,
  type Node,
  type Path,
  stringOf,
  withEntries,
} from "../document/node.ts";
import type { Problems } from "../document/problem.ts";

type Resolve = (node: Node, base: string, path: Path, problems: Problems) => Node;

const plain: Resolve = (node, base) => withText(node, (text) => joined(text, base));

const context: Resolve = (node, base) =>
  withText(node, (text) =>
    /^(service:|https?:|git:|ssh:|github\.com\/|git@)|:\/\//.test(text) ? text : joined(text, base),
  );

const RULES: readonly (readonly [string, Resolve])[] = [
  ["services.*.build.context", context],
  ["services.*.build.additional_contexts.*", context],
  ["services.*.env_file.*.path", plain],
  ["services.*.label_file.*", plain],
  ["services.*.extends.file", plain],
  ["services.*.develop.watch.*.path", plain],
  ["services.*.volumes.*", bindMount],
  ["configs.*.file", plain],
  ["secrets.*.file", plain],
  ["volumes.*", driverOptions],
];
const BY_PATTERN = RULES.map(([pattern, resolve]) => ({ pattern: pattern.split("."), resolve }));

/** The same model with its paths joined to `base`; absolute paths and `~` are left and expanded. */
export function resolvePaths(node: Node, base: string, problems: Problems, path: Path = []): Node {
  const rule = BY_PATTERN.find(({ pattern }) => fits(pattern, path));
  if (rule !== undefined) return rule.resolve(node, base, path, problems);
  if (node.kind === "map") {
    return mapValues(node, (value, key) => resolvePaths(value, base, problems, [...path, key]));
  }
  if (node.kind === "scalar") return node;
  const items = node.items.map((item, index) =>
    resolvePaths(item, base, problems, [...path, index]),
  );
  return { ...node, items };
}

function withText(node: Node, change: (text: string) => string): Node {
  const text = stringOf(node);
  if (text === undefined || text === "" || node.kind !== "scalar") return node;
  return { ...node, value: change(text) };
}

function joined(path: string, base: string): string {
  const expanded = expandHome(path);
  return isAbsolute(expanded) || isWindows(expanded) ? expanded : clean(join(base, expanded));
}

/** As Go's filepath.Join: cleaned, without a trailing slash. */
function clean(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

/** A path that starts with `~`, in the home directory. */
function expandHome(path: string): string {
  if (!path.startsWith("~")) return path;
  return clean(posix.join(process.env.HOME ?? homedir(), path.slice(1)));
}

function isWindows(path: string): boolean {
  return /^[a-zA-Z]:[\\/]|^\\\\/.test(path);
}

function bindMount(node: Node, base: string, path: Path, problems: Problems): Node {
  if (node.kind !== "map" || stringOf(node.entries.get("type")) !== "bind") return node;
  const source = node.entries.get("source");
  if (source === undefined) {
    problems.add(node, path, "a bind mount needs a source");
    return node;
  }
  const text = stringOf(source) ?? "";
  const found = plain(source, base, path, problems);
  if (text === "" || text.startsWith("/") || text.startsWith("~")) {
    return withEntries(node, { source: found });
  }
  return withEntries(node, { source: { ...found, at: { ...found.at, fromProject: true } } });
}

/** The local driver's bind option names a directory of the host. */
function driverOptions(node: Node, base: string, path: Path, problems: Problems): Node {
  if (node.kind !== "map" || stringOf(node.entries.get("driver")) !== "local") return node;
  const options = node.entries.get("driver_opts");
  if (options?.kind !== "map" || stringOf(options.entries.get("o")) !== "bind") return node;
  const device = options.entries.get("device");
  if (device === undefined) return node;
  const changed: MapNode = withEntries(options, { device: plain(device, base, path, problems) });
  return withEntries(node, { driver_opts: changed });
}
