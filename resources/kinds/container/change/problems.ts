// What stands against containers, seen with everything else that is declared and on their hosts.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import { joinPath, type Problem } from "../../../model/problem.ts";
import type { Surroundings } from "../../../plan/kind.ts";
import type { ObservedHost } from "../../../plan/observed.ts";
import { ownerOf } from "../../../plan/ownership.ts";
import { type Placed, pathOf } from "../../../plan/resource.ts";
import type { ContainerSpec } from "../container.ts";
import { seenPorts } from "../docker/network-facets.ts";
import { type Port, portKey } from "../port.ts";
import { sharedContainers } from "./needs.ts";

type PlacedContainer = Placed<ContainerSpec>;

const BUILT_IN = new Set(["bridge", "host", "none"]);

/** References to what is not there, and ports that are taken. */
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
      return referenceProblems(resource.spec, base, all, resource.host, host);
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
  for (const name of sharedContainers(spec)) {
    const isIt = ({ Name, Id = "" }: ContainerInspectResponse) =>
      Name === `/${name}` || (name.length >= 12 && Id.startsWith(name));
    if (declared("container", name) || host.containers.some(isIt)) continue;
    const field = (["networkMode", "ipc", "pid"] as const).find((one) => {
      return spec[one] === `container:${name}`;
    });
    const message = `${name} is neither declared nor a container on ${hostName}`;
    problems.push({ path: `${base}.${field ?? "volumesFrom"}`, message });
  }
  return problems;
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
