// From names in a stack to names on hosts: every object named, every reference to one resolved.
import type { ContainerSpec } from "../kinds/container/container.ts";
import type { Mount } from "../kinds/container/mount.ts";
import { FairleadError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import { familiarReference, parseReference } from "../model/reference.ts";
import { addressOf, type Resource, type Stack } from "./stack.ts";

/** A resource whose spec has the host's names only, `spec.name` among them. */
export type Resolved = Resource & { object: string };

/** Every resource with the names of its host; images that containers only mention are added. */
export function resolveStack(stack: Stack): Resolved[] {
  const index = new Map(stack.resources.map((resource) => [addressOf(resource), resource]));
  const find = (host: string, kind: Kind, name: string) => {
    const found = index.get(addressOf({ host, kind, name }));
    return found && objectName(stack.project, found);
  };
  const resolved = stack.resources.map((resource): Resolved => {
    const object = objectName(stack.project, resource);
    if (resource.kind === "container") {
      const spec = resolveContainer(resource.spec, (kind, name) => find(resource.host, kind, name));
      const runtime = spec.runtime ?? stack.hosts[resource.host]?.runtime;
      return {
        ...resource,
        object,
        spec: { ...spec, name: object, ...(runtime === undefined ? {} : { runtime }) },
      };
    }
    if (resource.kind === "image") return { ...resource, object };
    return { ...resource, object, spec: { ...resource.spec, name: object } };
  });
  return [...mentionedImages(resolved), ...resolved];
}

/** The container that another one shares a namespace with, by its name on the host. */
export function sharedContainers(spec: ContainerSpec): string[] {
  return [spec.networkMode, spec.ipc, spec.pid].flatMap((mode) =>
    mode?.startsWith("container:") ? [mode.slice("container:".length)] : [],
  );
}

function objectName(project: string, resource: Resource): string {
  if (resource.kind === "image" || resource.spec.name !== undefined) return resource.spec.name!;
  const join = resource.kind === "container" ? "-" : "_";
  return `${project}${join}${resource.name}`;
}

type Find = (kind: Kind, name: string) => string | undefined;

function resolveContainer(spec: ContainerSpec, find: Find): ContainerSpec {
  const shared = (mode: string | undefined) => {
    if (!mode?.startsWith("container:")) return mode;
    const name = mode.slice("container:".length);
    return `container:${find("container", name) ?? name}`;
  };
  const mount = (one: Mount): Mount =>
    one.type === "volume" && one.source !== undefined
      ? { ...one, source: find("volume", one.source) ?? one.source }
      : one;
  const resolved: ContainerSpec = { ...spec, image: find("image", spec.image) ?? spec.image };
  const bare = spec.image.replace(/:latest$/, "");
  if (resolved.image === spec.image) resolved.image = find("image", bare) ?? spec.image;
  if (spec.mounts) resolved.mounts = spec.mounts.map(mount);
  for (const field of ["networkMode", "ipc", "pid"] as const) {
    if (spec[field] !== undefined) resolved[field] = shared(spec[field]);
  }
  if (spec.networks) {
    resolved.networks = Object.fromEntries(
      Object.entries(spec.networks).map(([name, one]) => [find("network", name) ?? name, one]),
    );
  }
  return resolved;
}

// A container's image is an image of the stack, declared or not; one for each host and reference.
function mentionedImages(resolved: Resolved[]): Resolved[] {
  const declared = new Map<string, Resolved>();
  for (const one of resolved) {
    if (one.kind === "image") declared.set(`${one.host} ${one.spec.name}`, one);
  }
  const added = new Map<string, Resolved>();
  for (const { kind, host, spec } of resolved) {
    if (kind !== "container") continue;
    const key = `${host} ${spec.image}`;
    if (declared.has(key)) continue;
    const other = added.get(key);
    if (other?.kind === "image" && other.spec.platform !== spec.platform) {
      throw new FairleadError("invalid", `${spec.image} is used for two platforms on ${host}`, {
        hint: "An engine keeps one platform under a name; use a digest or two tags.",
      });
    }
    added.set(key, impliedImage(host, spec, other));
  }
  return [...added.values()];
}

function impliedImage(host: string, spec: ContainerSpec, other: Resolved | undefined): Resolved {
  const before = other?.kind === "image" ? other.spec.pull : undefined;
  const pull = [before, spec.pull].includes("always") ? "always" : (spec.pull ?? before);
  const name = spec.image.startsWith("sha256:")
    ? spec.image
    : familiarReference(parseReference(spec.image));
  return {
    kind: "image",
    host,
    name,
    object: name,
    spec: {
      name,
      ...(pull === undefined ? {} : { pull }),
      ...(spec.platform === undefined ? {} : { platform: spec.platform }),
    },
  };
}
