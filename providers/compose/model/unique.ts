// Lists whose items have a key: of two items with one key the later wins, at the first one's place.

import { entry, fits, mapValues, type Node, type Path, stringOf } from "../document/node.ts";
import { parseMount } from "./mount.ts";

/** The key of an item; undefined leaves the item alone. */
type Key = (item: Node) => string | undefined;

const pairKey: Key = (item) => stringOf(item)?.split("=")[0];
const value: Key = (item) => (item.kind === "scalar" ? String(item.value) : undefined);
const file =
  (folder: string): Key =>
  (item) =>
    stringOf(item) === undefined
      ? (stringOf(entry(item, "target")) ?? `${folder}/${stringOf(entry(item, "source")) ?? ""}`)
      : `${folder}/${stringOf(item)}`;
const target: Key = (item) => stringOf(entry(item, "target"));
const mount: Key = (item) => {
  const short = stringOf(item);
  return short === undefined ? target(item) : parseMount(short)?.target;
};
const device: Key = (item) => {
  const parts = stringOf(item)?.split(":");
  return parts === undefined ? target(item) : (parts[1] ?? parts[0]);
};
const envFile: Key = (item) => stringOf(item) ?? stringOf(entry(item, "path"));

const KEYS: readonly (readonly [Key, readonly string[]])[] = [
  [
    pairKey,
    [
      "networks.*.labels",
      ...[
        "annotations",
        "build.args",
        "build.additional_contexts",
        "build.tags",
        "build.labels",
        "cap_add",
        "cap_drop",
        "deploy.labels",
        "dns",
        "dns_opt",
        "dns_search",
        "environment",
        "labels",
        "links",
        "networks.*.aliases",
        "networks.*.link_local_ips",
        "profiles",
        "sysctls",
        "tmpfs",
      ].map((name) => `services.*.${name}`),
    ],
  ],
  [value, ["services.*.expose"]],
  [file(""), ["services.*.configs"]],
  [file("/run/secrets"), ["services.*.secrets"]],
  [envFile, ["services.*.env_file"]],
  [mount, ["services.*.volumes"]],
  [device, ["services.*.devices"]],
  [port, ["services.*.ports"]],
];
const RULES = KEYS.flatMap(([key, patterns]) =>
  patterns.map((pattern) => ({ key, pattern: pattern.split(".") })),
);

/** The same model without items that a later one replaces. */
export function withoutRepeats(node: Node, path: Path = []): Node {
  if (node.kind === "map") {
    return mapValues(node, (item, key) => withoutRepeats(item, [...path, key]));
  }
  if (node.kind === "scalar") return node;
  const rule = RULES.find(({ pattern }) => fits(pattern, path));
  return rule === undefined ? node : { ...node, items: lastOfEach(node.items, rule.key) };
}

function lastOfEach(items: readonly Node[], key: Key): Node[] {
  const kept: Node[] = [];
  const places = new Map<string, number>();
  for (const item of items) {
    const name = key(item);
    const place = name === undefined ? undefined : places.get(name);
    if (place !== undefined) {
      kept[place] = item;
      continue;
    }
    if (name !== undefined) places.set(name, kept.length);
    kept.push(item);
  }
  return kept;
}

function port(item: Node): string | undefined {
  if (item.kind === "scalar") return String(item.value);
  const part = (name: string, otherwise: string) => {
    const node = entry(item, name);
    return node?.kind === "scalar" ? String(node.value) : otherwise;
  };
  // As in Compose, a published port that is written as a number is not the same as in quotes.
  const published = entry(item, "published");
  const type = published?.kind === "scalar" ? typeof published.value : "none";
  const host = part("host_ip", "0.0.0.0");
  const outside = `${host}:${type}=${part("published", "")}`;
  return `${outside}:${part("target", "")}/${part("protocol", "tcp")}`;
}
