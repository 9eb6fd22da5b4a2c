// What stands against containers, seen with everything else that is declared and on their hosts.
import { joinPath, type Problem } from "../../../model/problem.ts";
import type { Surroundings } from "../../../plan/kind.ts";
import type { EngineFacts, ObservedHost } from "../../../plan/observed.ts";
import { ownerOf } from "../../../plan/ownership.ts";
import { placeOfSource } from "../../../plan/project-files.ts";
import { type Placed, pathOf } from "../../../plan/resource.ts";
import type { ContainerSpec } from "../container.ts";
import { seenPorts } from "../docker/network-facets.ts";
import { type Port, portKey } from "../port.ts";

type PlacedContainer = Placed<ContainerSpec>;

const BUILT_IN = new Set(["bridge", "host", "none"]);

/** References to what is not there, fields that an older engine drops, ports that are taken. */
export function containerProblems(
  resources: readonly PlacedContainer[],
  around: Surroundings,
): Problem[] {
  const { all, observed } = around;
  return [
    ...resources.flatMap((resource) => {
      const host = observed.get(resource.host);
      if (!host) return [];
      const base = joinPath(...pathOf(resource));
      return [
        ...referenceProblems(resource.spec, base, all, resource.host, host),
        ...engineProblems(resource.spec, base, host.facts),
      ];
    }),
    ...portProblems(resources, around),
  ];
}

function referenceProblems(
  spec: ContainerSpec,
  base: string,
  resolved: readonly Placed[],
  hostName: string,
  host: ObservedHost,
): Problem[] {
  const declared = (kind: string, object: string) =>
    resolved.some((one) => one.kind === kind && one.host === hostName && one.object === object);
  const problems: Problem[] = [];
  for (const name of Object.keys(spec.networks ?? {})) {
    const there = host.networks.some(({ Name, Id }) => Name === name || Id === name);
    if (BUILT_IN.has(name) || there || declared("network", name)) continue;
    const message = `is neither declared nor a network on ${hostName}`;
    problems.push({ path: `${base}.networks.${name}`, message });
  }
  for (const [at, mount] of (spec.mounts ?? []).entries()) {
    if (mount.type !== "volume" || mount.source === undefined) continue;
    const { source } = mount;
    if (declared("volume", source) || host.volumes.some(({ Name }) => Name === source)) continue;
    const message = `${source} is neither declared nor a volume on ${hostName}`;
    problems.push({ path: `${base}.mounts[${at}].source`, message });
  }
  return problems;
}

// Older engines drop what they do not know without a word, so it is refused here.
function engineProblems(spec: ContainerSpec, base: string, facts: EngineFacts): Problem[] {
  if (facts.engine === "fairlead") return [];
  const needs: [field: string, used: boolean, api: string][] = [
    ["annotations", spec.annotations !== undefined, "1.43"],
    ["healthcheck.startInterval", spec.healthcheck?.startInterval !== undefined, "1.44"],
    [
      "mounts",
      spec.mounts?.some((mount) => mount.type === "volume" && mount.subpath !== undefined) ?? false,
      "1.45",
    ],
    [
      "mounts",
      spec.mounts?.some((mount) => mount.type === "bind" && mount.createHostPath) ?? false,
      "1.42",
    ],
    [
      "networks",
      Object.values(spec.networks ?? {})
        .slice(1)
        .some(({ macAddress }) => macAddress !== undefined),
      "1.44",
    ],
  ];
  const problems: Problem[] = needs.flatMap(([field, used, api]) =>
    used && olderThan(facts.apiVersion, api)
      ? [
          {
            path: `${base}.${field}`,
            message: `needs engine API ${api}; ${facts.engine} has ${facts.apiVersion}`,
          },
        ]
      : [],
  );
  for (const [at, mount] of (spec.mounts ?? []).entries()) {
    if (mount.type !== "bind" || placeOfSource(mount.source) === undefined) continue;
    const message = `${facts.engine} cannot be given files of the project's folder`;
    const hint = "Copy them to the host and name their absolute path, or use fairlead's engine.";
    problems.push({ path: `${base}.mounts[${at}]`, message, hint });
  }
  if (spec.files?.length && spec.readOnly) {
    const message = `cannot be put into a read-only container by ${facts.engine}`;
    problems.push({ path: `${base}.files`, message });
  }
  return problems;
}

function olderThan(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = needed.split(".").map(Number);
  return major < needMajor || (major === needMajor && minor < needMinor);
}

interface Holder {
  port: Port;
  name: string;
}

function portProblems(resources: readonly PlacedContainer[], around: Surroundings): Problem[] {
  const { project, observed } = around;
  const problems: Problem[] = [];
  const holders = new Map<string, Holder[]>();
  for (const [name, host] of observed) holders.set(name, foreignHolders(project, host));
  for (const resource of resources) {
    const others = holders.get(resource.host) ?? [];
    for (const port of resource.spec.ports ?? []) {
      const other = others.find(
        (holder) => holder.name !== resource.object && clash(holder.port, port),
      );
      others.push({ port, name: resource.name });
      if (!other) continue;
      const message = `${portKey(port)} is already taken on ${resource.host} by ${other.name}`;
      const hint = "Publish another port, or stop what holds this one.";
      problems.push({ path: joinPath(...pathOf(resource), "ports"), message, hint });
    }
    holders.set(resource.host, others);
  }
  return problems;
}

// Containers of the project are about to be changed; only what others hold is in the way.
function foreignHolders(project: string, host: ObservedHost): Holder[] {
  const containers = host.containers
    .filter((seen) => seen.State?.Running && ownerOf(seen.Config?.Labels)?.project !== project)
    .flatMap((seen) => {
      const name = (seen.Name ?? "").replace(/^\//, "");
      return seenPorts(seen).map((port) => ({ port, name }));
    });
  const others = host.heldPorts.map(({ protocol, hostIp, port, container }) => ({
    port: { target: 0, published: port, protocol, ...(hostIp === "" ? {} : { hostIp }) },
    name: container === undefined ? "another program" : `the container ${container}`,
  }));
  return [...containers, ...others];
}

function clash(a: Port, b: Port): boolean {
  if (a.published === undefined || a.published !== b.published) return false;
  const any = (ip: string | undefined) => ip === undefined || ip === "::" || ip === "0.0.0.0";
  return a.protocol === b.protocol && (any(a.hostIp) || any(b.hostIp) || a.hostIp === b.hostIp);
}
