// What a container refers to: images, networks, volumes and containers, by names of the stack and
// by names of the host.
import { parseLink } from "../../../model/link.ts";
import type { NameOf, Rename } from "../../../plan/kind.ts";
import type { Need } from "../../../plan/resource.ts";
import type { ContainerSpec } from "../container.ts";
import type { Mount } from "../mount.ts";

const NAMESPACES = ["networkMode", "ipc", "pid"] as const;
/** The fields that may name another container, whose namespace or mounts are shared. */
export const SHARING = [...NAMESPACES, "volumesFrom"] as const;

/** The containers that one shares a namespace or mounts with, by their names on the host. */
export function sharedContainers(spec: ContainerSpec): string[] {
  const namespaces = NAMESPACES.flatMap((field) => {
    const mode = spec[field];
    return mode?.startsWith("container:") ? [mode.slice("container:".length)] : [];
  });
  return [...namespaces, ...(spec.volumesFrom ?? []).map((one) => one.split(":")[0]!)];
}

function linkedNames({ links = [] }: ContainerSpec): string[] {
  return links.map((link) => parseLink(link)?.name ?? link);
}

/** Everything on its host that a container cannot be without. */
export function needsOfContainer(spec: ContainerSpec): Need[] {
  const { image, pull, platform } = spec;
  const of = (kind: string, object: string): Need => ({ kind, object });
  return [
    { kind: "image", object: image, as: { pull, platform } },
    ...Object.keys(spec.networks ?? {}).map((name) => of("network", name)),
    ...(spec.mounts ?? []).flatMap((mount) =>
      mount.type === "volume" && mount.source ? [of("volume", mount.source)] : [],
    ),
    ...[...sharedContainers(spec), ...linkedNames(spec)].map((name) => of("container", name)),
  ];
}

/** The spec with names of the host, and the runtime of a host that has one of its own. */
export function placedContainer(
  spec: ContainerSpec,
  nameOf: NameOf,
  host: { runtime?: string | undefined } | undefined,
): ContainerSpec {
  const shared = (mode: string | undefined) => {
    if (!mode?.startsWith("container:")) return mode;
    const name = mode.slice("container:".length);
    return `container:${nameOf("container", name) ?? name}`;
  };
  const mount = (one: Mount): Mount =>
    one.type === "volume" && one.source !== undefined
      ? { ...one, source: nameOf("volume", one.source) ?? one.source }
      : one;
  const placed: ContainerSpec = { ...spec, image: nameOf("image", spec.image) ?? spec.image };
  const bare = spec.image.replace(/:latest$/, "");
  if (placed.image === spec.image) placed.image = nameOf("image", bare) ?? spec.image;
  if (spec.mounts) placed.mounts = spec.mounts.map(mount);
  for (const field of NAMESPACES) {
    if (spec[field] !== undefined) placed[field] = shared(spec[field]);
  }
  if (spec.links) {
    placed.links = spec.links.map((link) => {
      const { name = link, alias = name } = parseLink(link) ?? {};
      return `${nameOf("container", name) ?? name}:${alias}`;
    });
  }
  if (spec.volumesFrom) {
    placed.volumesFrom = spec.volumesFrom.map((one) => {
      const [name = "", mode] = one.split(":");
      return [nameOf("container", name) ?? name, ...(mode ? [mode] : [])].join(":");
    });
  }
  if (spec.networks) {
    placed.networks = Object.fromEntries(
      Object.entries(spec.networks).map(([name, one]) => [nameOf("network", name) ?? name, one]),
    );
  }
  const runtime = spec.runtime ?? host?.runtime;
  return runtime === undefined ? placed : { ...placed, runtime };
}

/** Fields as a person wrote them, with another name for each object that they refer to. */
export function renamedContainer(fields: Readonly<Record<string, unknown>>, name: Rename) {
  const { image, networks, mounts, volumesFrom } = fields;
  const named: Record<string, unknown> = { ...fields };
  if (image !== undefined) named.image = name(image, "image");
  if (isKeyed(networks)) {
    const entries = Object.entries(networks);
    named.networks = Object.fromEntries(entries.map(([key, one]) => [name(key, "networks"), one]));
  }
  if (Array.isArray(mounts)) {
    named.mounts = mounts.map((one, at) => {
      if (!isKeyed(one) || one.type !== "volume") return one;
      return { ...one, source: name(one.source, `mounts[${at}].source`) };
    });
  }
  for (const field of NAMESPACES) {
    const [, shared] = /^container:(.+)$/.exec(String(fields[field])) ?? [];
    if (shared !== undefined) named[field] = `container:${name(shared, field)}`;
  }
  if (Array.isArray(volumesFrom)) {
    named.volumesFrom = volumesFrom.map((one, at) => {
      const [, other = "", mode = ""] = /^([^:]*)(.*)$/.exec(String(one)) ?? [];
      return `${name(other, `volumesFrom[${at}]`)}${mode}`;
    });
  }
  return named;
}

function isKeyed(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
