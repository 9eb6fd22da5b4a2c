// Fills in what a model leaves unsaid, as Compose does: default network, names, dependencies.

import {
  entry,
  isNull,
  type MapNode,
  map,
  mapValues,
  type Node,
  type Scalar,
  type Source,
  scalar,
  stringOf,
  withEntries,
} from "../document/node.ts";
import { cleanTarget } from "./canonical.ts";
import type { Environment } from "./environment.ts";

/** The model with default values: where secrets are mounted, protocols, build contexts. */
export function withDefaults(root: MapNode): MapNode {
  const services = root.entries.get("services");
  if (services?.kind !== "map") return root;
  return withEntries(root, {
    services: mapValues(services, (service) =>
      service.kind === "map" ? serviceDefaults(service) : service,
    ),
  });
}

function serviceDefaults(service: MapNode): MapNode {
  let result = service;
  const each = (key: string, change: (item: MapNode) => MapNode) => {
    const node = result.entries.get(key);
    if (node?.kind !== "list") return;
    const items = node.items.map((item) => (item.kind === "map" ? change(item) : item));
    result = withEntries(result, { [key]: { ...node, items } });
  };
  const build = result.entries.get("build");
  if (build?.kind === "map") {
    result = withEntries(result, { build: missing(build, { context: "." }) });
  }
  each("secrets", (item) =>
    missing(item, { target: `/run/secrets/${stringOf(item.entries.get("source")) ?? ""}` }),
  );
  each("ports", (item) => missing(item, { protocol: "tcp", mode: "ingress" }));
  each("gpus", countAll);
  return withDeviceDefaults(result);
}

function countAll(item: MapNode): MapNode {
  return item.entries.has("device_ids") ? item : missing(item, { count: "all" });
}

function withDeviceDefaults(service: MapNode): MapNode {
  const deploy = service.entries.get("deploy");
  const resources = entry(deploy, "resources");
  const reservations = entry(resources, "reservations");
  const devices = entry(reservations, "devices");
  if (deploy?.kind !== "map" || resources?.kind !== "map" || reservations?.kind !== "map") {
    return service;
  }
  if (devices?.kind !== "list") return service;
  const items = devices.items.map((item) => (item.kind === "map" ? countAll(item) : item));
  return withEntries(service, {
    deploy: withEntries(deploy, {
      resources: withEntries(resources, {
        reservations: withEntries(reservations, { devices: { ...devices, items } }),
      }),
    }),
  });
}

function missing(node: MapNode, values: Record<string, Scalar>): MapNode {
  const changes: Record<string, Node> = {};
  for (const [key, value] of Object.entries(values)) {
    if (!node.entries.has(key)) changes[key] = scalar(value, node.at);
  }
  return withEntries(node, changes);
}

/** The model with everything implied made explicit; `name` is the project's. */
export function normalized(root: MapNode, name: string, environment: Environment): MapNode {
  let result = withNetworks(root);
  const services = result.entries.get("services");
  if (services?.kind === "map") {
    result = withEntries(result, {
      services: mapValues(services, (service) =>
        service.kind === "map" ? normalService(service, environment) : service,
      ),
    });
  }
  for (const kind of ["networks", "volumes", "configs", "secrets"]) {
    const resources = result.entries.get(kind);
    if (resources?.kind !== "map") continue;
    const named = mapValues(resources, (resource, key) => withName(resource, key, name));
    result = withEntries(result, { [kind]: named });
  }
  return withEntries(result, { name: scalar(name, root.at) });
}

function withName(resource: Node, key: string, project: string): Node {
  const node: Node = isNull(resource)
    ? { ...map([], resource.at), ...(resource.keyAt ? { keyAt: resource.keyAt } : {}) }
    : resource;
  if (node.kind !== "map" || !isNull(node.entries.get("name"))) return node;
  const externalNode = node.entries.get("external");
  const external = externalNode?.kind === "scalar" && externalNode.value === true;
  return withEntries(node, { name: scalar(external ? key : `${project}_${key}`, node.at) });
}

/** Services without networks are on the default one, which exists only if some service is. */
function withNetworks(root: MapNode): MapNode {
  const services = root.entries.get("services");
  if (services?.kind !== "map") return root;
  let usesDefault = false;
  const connected = mapValues(services, (service) => {
    if (service.kind !== "map") return service;
    if (service.entries.has("provider") || service.entries.has("network_mode")) return service;
    const networks = service.entries.get("networks");
    if (networks !== undefined && networks.kind !== "map") return service;
    if (networks !== undefined && networks.entries.size > 0) {
      usesDefault ||= networks.entries.has("default");
      return service;
    }
    usesDefault = true;
    const only = map([["default", scalar(null, service.at)]], service.at);
    return withEntries(service, { networks: only });
  });
  const networks = root.entries.get("networks");
  const known = networks?.kind === "map" ? networks : map([], root.at);
  const all =
    usesDefault && !known.entries.has("default")
      ? withEntries(known, { default: scalar(null, root.at) })
      : known;
  return withEntries(root, {
    services: connected,
    networks: all.entries.size > 0 ? all : networks,
  });
}

function normalService(service: MapNode, environment: Environment): MapNode {
  const changes: Record<string, Node> = {};
  if (stringOf(service.entries.get("pull_policy")) === "if_not_present") {
    changes.pull_policy = scalar("missing", service.entries.get("pull_policy")?.at ?? service.at);
  }
  const build = service.entries.get("build");
  if (build?.kind === "map") changes.build = normalBuild(build, environment);
  const variables = service.entries.get("environment");
  if (variables !== undefined) changes.environment = resolved(variables, environment, true);
  const volumes = service.entries.get("volumes");
  if (volumes?.kind === "list") {
    const items = volumes.items.map(cleanMount);
    changes.volumes = { ...volumes, items };
  }
  const dependencies = impliedDependencies(service);
  if (dependencies !== undefined) changes.depends_on = dependencies;
  return withEntries(service, changes);
}

function normalBuild(build: MapNode, environment: Environment): MapNode {
  const own = build.entries.has("dockerfile") || build.entries.has("dockerfile_inline");
  const complete = missing(build, { context: ".", ...(own ? {} : { dockerfile: "Dockerfile" }) });
  const args = complete.entries.get("args");
  return args === undefined
    ? complete
    : withEntries(complete, { args: resolved(args, environment, false) });
}

function cleanMount(mount: Node): Node {
  const target = entry(mount, "target");
  const text = stringOf(target);
  if (mount.kind !== "map" || target?.kind !== "scalar" || text === undefined) return mount;
  return withEntries(mount, {
    target: { ...target, value: text === "" ? "." : cleanTarget(text) },
  });
}

/** Variables without a value take the project's; those it lacks are kept bare, or dropped. */
function resolved(node: Node, environment: Environment, keep: boolean): Node {
  if (node.kind === "map") {
    const entries = new Map<string, Node>();
    for (const [key, value] of node.entries) {
      const found = isNull(value) ? environment.get(key) : undefined;
      if (found !== undefined) entries.set(key, scalar(found, given(value.at)));
      else if (!isNull(value) || keep) entries.set(key, value);
    }
    return { ...node, entries };
  }
  if (node.kind === "scalar") return node;
  const items = node.items.flatMap((item): Node[] => {
    const text = stringOf(item);
    if (text === undefined || text.includes("=")) return [item];
    const found = environment.get(text);
    if (found !== undefined) return [scalar(`${text}=${found}`, given(item.at))];
    return keep ? [item] : [];
  });
  return { ...node, items };
}

function given(at: Source): Source {
  return { ...at, fromVariable: true };
}

/** Services that links, shared namespaces and volumes_from need are dependencies. */
function impliedDependencies(service: MapNode): MapNode | undefined {
  const declared = service.entries.get("depends_on");
  const entries = new Map<string, Node>(declared?.kind === "map" ? declared.entries : []);
  const add = (name: string, restart: boolean, at: Source) => {
    if (entries.has(name)) return;
    const dependency = map(
      [
        ["condition", scalar("service_started", at)],
        ["restart", scalar(restart, at)],
        ["required", scalar(true, at)],
      ],
      at,
    );
    entries.set(name, dependency);
  };
  for (const link of texts(service.entries.get("links"))) {
    const parts = link.text.split(":");
    add(parts.length === 2 ? (parts[0] ?? "") : link.text, true, link.at);
  }
  for (const key of ["network_mode", "ipc", "pid", "uts", "cgroup"]) {
    const node = service.entries.get(key);
    const mode = stringOf(node);
    if (node !== undefined && mode?.startsWith("service:")) add(mode.slice(8), true, node.at);
  }
  for (const source of texts(service.entries.get("volumes_from"))) {
    if (!source.text.startsWith("container:")) {
      add(source.text.split(":")[0] ?? "", false, source.at);
    }
  }
  if (entries.size === 0) return declared?.kind === "map" ? declared : undefined;
  return {
    ...map(entries, declared?.at ?? service.at),
    ...(declared?.keyAt ? { keyAt: declared.keyAt } : {}),
  };
}

function texts(node: Node | undefined): { text: string; at: Source }[] {
  if (node?.kind !== "list") return [];
  return node.items.flatMap((item) => {
    const text = stringOf(item);
    return text === undefined ? [] : [{ text, at: item.at }];
  });
}
