// What must hold between the parts of a resolved model: everything referred to exists, nothing is
// said twice in different ways, no circle of dependencies.

import { type MapNode, nearest, type Path } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { nearestName } from "../schema/shape.ts";
import type { Model, Service } from "./types.ts";

/** What is checked, and where its parts were written. */
export interface Checked {
  model: Model;
  tree: MapNode;
  /** Services that no active profile has. */
  disabled: Readonly<Record<string, Service>>;
  problems: Problems;
}

type Report = (path: Path, message: string, hint?: string) => void;

/** Reports every inconsistency of the active services. */
export function checkConsistency(checked: Checked): void {
  const { model, tree, problems } = checked;
  const report: Report = (path, message, hint) => {
    const node = nearest(tree, path);
    // What is missing beside a wrong key may be what the wrong key was meant to be.
    if (!node.broken) problems.add(node, path, message, hint);
  };
  for (const [name, service] of Object.entries(model.services)) {
    const path = ["services", name];
    checkImage(service, path, report);
    checkReferences(service, path, checked, report);
    checkLimits(service, path, report);
    checkScale(service, path, report);
    checkTargets(service, path, report);
    checkRest(service, path, report);
  }
  checkContainerNames(model, report);
  checkFileObjects(checked, report);
  checkCycles(model, report);
}

function checkImage(service: Service, path: Path, report: Report): void {
  const own = service["x-fairlead"];
  const hasImage = typeof own === "object" && own !== null && "image" in own;
  if (!service.image && !service.build && !service.provider && !hasImage) {
    report(path, "has neither an image nor a build context", "Add image: NAME.");
  }
  if (service.build?.dockerfile && service.build.dockerfile_inline) {
    report([...path, "build"], "has both dockerfile and dockerfile_inline", "Keep one of them.");
  }
  const platforms = service.build?.platforms ?? [];
  if (platforms.length > 0 && service.platform && !platforms.includes(service.platform)) {
    report([...path, "build", "platforms"], `must include the platform ${service.platform}`);
  }
}

function checkReferences(service: Service, path: Path, checked: Checked, report: Report): void {
  const { model, disabled } = checked;
  const known = (kind: "networks" | "volumes" | "secrets" | "configs" | "models") =>
    Object.keys(model[kind] ?? {});
  const refer = (at: Path, kind: Parameters<typeof known>[0], name: string | undefined) => {
    const one = kind.slice(0, -1);
    if (name === undefined || known(kind).includes(name)) return;
    const near = nearestName(name, known(kind));
    const hint =
      near === undefined ? `Declare it under ${kind}: at the top level.` : `Did you mean ${near}?`;
    report(at, `${one} ${name} is not declared`, hint);
  };
  if (service.network_mode && Object.keys(service.networks ?? {}).length > 0) {
    report([...path, "network_mode"], "cannot stand beside networks", "Keep one of them.");
  }
  for (const name of Object.keys(service.networks ?? {})) {
    refer([...path, "networks", name], "networks", name);
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.type === "volume") refer([...path, "volumes", index], "volumes", mount.source);
  }
  for (const kind of ["configs", "secrets"] as const) {
    for (const [index, file] of (service[kind] ?? []).entries()) {
      refer([...path, kind, index], kind, file.source);
    }
  }
  for (const [index, file] of (service.build?.secrets ?? []).entries()) {
    refer([...path, "build", "secrets", index], "secrets", file.source);
  }
  for (const name of Object.keys(service.models ?? {})) {
    refer([...path, "models", name], "models", name);
  }
  for (const [name, dependency] of Object.entries(service.depends_on ?? {})) {
    if (Object.hasOwn(model.services, name)) continue;
    const at = [...path, "depends_on", name];
    if (!Object.hasOwn(disabled, name)) {
      const near = nearestName(name, Object.keys(model.services));
      report(at, `service ${name} is not declared`, near && `Did you mean ${near}?`);
    } else if (dependency.required) {
      const profiles = (disabled[name]?.profiles ?? []).join(", ");
      const hint = `Add --profile with one of ${profiles}, or required: false.`;
      report(at, `service ${name} is in no active profile`, hint);
    }
  }
  const shared = /^service:(.*)$/.exec(service.network_mode ?? "")?.[1];
  if (shared !== undefined && !Object.hasOwn(model.services, shared)) {
    report([...path, "network_mode"], `service ${shared} is not declared`);
  }
}

function checkLimits(service: Service, path: Path, report: Report): void {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const pairs = [
    ["cpus", service.cpus, "deploy.resources.limits.cpus", limits, limits?.cpus],
    ["mem_limit", service.mem_limit, "deploy.resources.limits.memory", limits, limits?.memory],
    [
      "mem_reservation",
      service.mem_reservation,
      "deploy.resources.reservations.memory",
      reservations,
      reservations?.memory,
    ],
    ["pids_limit", service.pids_limit, "deploy.resources.limits.pids", limits, limits?.pids],
  ] as const;
  for (const [key, value, otherKey, section, other] of pairs) {
    if (value === undefined || section === undefined || value === other) continue;
    report([...path, key], `differs from ${otherKey}`, "Keep one of them.");
  }
}

function checkScale(service: Service, path: Path, report: Report): void {
  const replicas = service.deploy?.replicas;
  if (service.scale !== undefined && replicas !== undefined && service.scale !== replicas) {
    report([...path, "scale"], "differs from deploy.replicas", "Keep one of them.");
  }
  const key = service.scale === undefined ? ["deploy", "replicas"] : ["scale"];
  const count = service.scale ?? replicas ?? 1;
  if (count < 0) report([...path, ...key], "cannot be negative");
  if (count > 1 && service.container_name) {
    const hint = "Remove container_name: each of several containers needs its own name.";
    report([...path, "container_name"], `one name for ${count} containers`, hint);
  }
}

function checkTargets(service: Service, path: Path, report: Report): void {
  const seen = new Map<string, string>();
  const mount = (target: string | undefined, at: Path, text: string) => {
    if (target === undefined) return;
    const other = seen.get(target);
    if (other !== undefined) report(at, `${target} is already mounted by ${other}`);
    seen.set(target, text);
  };
  for (const [index, entry] of (service.tmpfs ?? []).entries()) {
    mount(entry.split(":")[0], [...path, "tmpfs", index], `tmpfs[${index}]`);
  }
  for (const [index, entry] of (service.volumes ?? []).entries()) {
    mount(entry.target, [...path, "volumes", index], `volumes[${index}]`);
  }
}

function checkRest(service: Service, path: Path, report: Report): void {
  const [kind] = service.healthcheck?.test ?? [];
  if (kind !== undefined && !["CMD", "CMD-SHELL", "NONE"].includes(kind)) {
    const hint = 'Write it as ["CMD", "program", …] or as one string.';
    report([...path, "healthcheck", "test"], "must start with CMD, CMD-SHELL or NONE", hint);
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    if (mount.target === undefined) report([...path, "volumes", index], "target is missing");
  }
  for (const [index, port] of (service.ports ?? []).entries()) {
    if (port.target === undefined) report([...path, "ports", index], "target is missing");
  }
  const { watch = [] } = (service.develop ?? {}) as {
    watch?: { target?: string; action: string }[];
  };
  for (const [index, { target, action }] of watch.entries()) {
    if (target || ["rebuild", "restart"].includes(action)) continue;
    report([...path, "develop", "watch", index], `target is needed for ${action}`);
  }
}

function checkContainerNames(model: Model, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, service] of Object.entries(model.services)) {
    if (!service.container_name) continue;
    const owner = owners.get(service.container_name);
    if (owner !== undefined) {
      report(
        ["services", name, "container_name"],
        `${service.container_name} is also the name of the container of ${owner}`,
      );
    }
    owners.set(service.container_name, name);
  }
}

/** Secrets and configs come from exactly one place; external things are only named. */
function checkFileObjects({ model }: Checked, report: Report): void {
  const sources = {
    secrets: ["file", "environment"],
    configs: ["file", "environment", "content"],
  } as const;
  for (const [kind, keys] of Object.entries(sources)) {
    for (const [name, object] of Object.entries(model[kind as "secrets" | "configs"] ?? {})) {
      const given = keys.filter((key) => object[key] !== undefined);
      const one = keys.join(", ").replace(/, ([^,]*)$/, " or $1");
      if (given.length > 1)
        report([kind, name], `has ${given.join(" and ")}`, `Keep one of ${one}.`);
      if (given.length === 0 && !object.external && !object.driver) {
        report([kind, name], `needs ${one}`, "Or say external: true.");
      }
    }
  }
  for (const [name, volume] of Object.entries(model.volumes ?? {})) {
    if (!volume.external) continue;
    for (const key of Object.keys(volume)) {
      if (key === "name" || key === "external" || key.startsWith("x-")) continue;
      report(["volumes", name, key], "cannot stand beside external: true");
    }
  }
}

function checkCycles(model: Model, report: Report): void {
  const done = new Set<string>();
  const visit = (name: string, chain: readonly string[]): void => {
    const start = chain.indexOf(name);
    if (start !== -1) {
      const circle = [...chain.slice(start), name].join(" -> ");
      const from = chain.at(-1) ?? name;
      report(["services", from, "depends_on", name], `dependencies form a circle: ${circle}`);
      return;
    }
    if (done.has(name)) return;
    const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
    for (const next of Object.keys(service?.depends_on ?? {}).sort()) visit(next, [...chain, name]);
    done.add(name);
  };
  for (const name of Object.keys(model.services).sort()) visit(name, []);
}
