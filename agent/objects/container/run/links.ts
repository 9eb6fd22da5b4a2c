// What a container on the default network learns of those that it is linked to: environment
// variables, as dockerd sets them at a start, and lines of /etc/hosts, which follow the addresses.
import { readFile, writeFile } from "node:fs/promises";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { DEFAULT_NETWORK } from "../../network/predefined.ts";
import type { Container } from "../state/container.ts";
import { linkedContainer, linkPath } from "../state/links.ts";
import type { ContainerParts } from "../state/parts.ts";

/** A linked container that runs. */
export interface Linked {
  alias: string;
  /** `/CONTAINER/ALIAS`. */
  path: string;
  /** The names in /etc/hosts, the alias first. */
  names: string[];
  ipAddress: string;
  container: Container;
}

interface ExposedPort {
  number: number;
  protocol: string;
}

/** Those of a container that is about to start; refused in dockerd's words where one cannot be. */
export function requireLinked(container: Container, parts: ContainerParts): Linked[] {
  return linkedTo(container, parts, (path, { record }, why) => {
    const message =
      why === "stopped"
        ? `Cannot link to a non running container: /${record.name} AS ${path}`
        : `Cannot link to /${record.name}, as it does not belong to the default network`;
    throw new FairleadError("invalid", message);
  });
}

/** Those that can be reached now. */
export function reachableLinked(container: Container, parts: ContainerParts): Linked[] {
  return linkedTo(container, parts, () => undefined);
}

function linkedTo(
  container: Container,
  parts: ContainerParts,
  refuse: (path: string, other: Container, why: "stopped" | "elsewhere") => void,
): Linked[] {
  return (container.record.links ?? []).flatMap((link) => {
    const other = linkedContainer(link, parts.containers);
    if (!other) return [];
    const path = linkPath(container, link);
    if (!other.running) refuse(path, other, "stopped");
    const ipAddress = defaultAddress(other, parts);
    if (other.running && ipAddress === "") refuse(path, other, "elsewhere");
    if (!other.running || ipAddress === "") return [];
    const { name, config } = other.record;
    const names = [...new Set([link.alias, config.Hostname ?? "", name])].filter(Boolean);
    return [{ alias: link.alias, path, names, ipAddress, container: other }];
  });
}

function defaultAddress({ id }: Container, parts: ContainerParts): string {
  const endpoints = parts.network.find(id)?.endpoints ?? [];
  return endpoints.find(({ networkName }) => networkName === DEFAULT_NETWORK)?.ipAddress ?? "";
}

/** Gives the containers that are linked to this one its address, which is another one now. */
export async function updateLinking(container: Container, parts: ContainerParts): Promise<void> {
  const linking = parts.containers
    .all()
    .filter(({ running, record }) => running && record.links?.some(names(container)));
  for (const other of linking) {
    for (const { alias, ipAddress } of reachableLinked(other, parts)) {
      await moveHost(other.paths.hosts, alias, ipAddress);
    }
  }
}

/** Removes CONTAINER/ALIAS, and neither of the two containers. */
export async function removeLink(reference: string, parts: ContainerParts): Promise<void> {
  const [parent = "", alias] = reference.replace(/^\//, "").split("/");
  if (alias === undefined) {
    const message = "Conflict, cannot remove the default link name of the container";
    throw new FairleadError("conflict", message);
  }
  const container = parts.containers.require(parent);
  await container.exclusive(async () => {
    const { record } = container;
    const rest = record.links?.filter((link) => link.alias !== alias) ?? [];
    if (rest.length === (record.links?.length ?? 0)) {
      throw new FairleadError("not_found", `No such link: /${parent}/${alias}`);
    }
    record.links = rest;
    await container.save();
  });
}

const names =
  ({ id, record }: Container) =>
  (link: { id: string; name: string }) =>
    link.id === id || link.name === record.name;

/** In place: the file is mounted in the container, which may have lines of its own in it. */
async function moveHost(path: string, alias: string, ipAddress: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const moved = text
    .split("\n")
    .map((line) => {
      const [address, first] = line.split(/\s+/);
      return first === alias && address ? line.replace(address, ipAddress) : line;
    })
    .join("\n");
  if (moved !== text) await writeFile(path, moved);
}

/** The variables of all links, in dockerd's order. */
export function linkEnvironment(linked: readonly Linked[]): string[] {
  return linked.flatMap(variablesOf);
}

function variablesOf({ alias, path, ipAddress, container }: Linked): string[] {
  const prefix = alias.toUpperCase().replaceAll("-", "_");
  const ports = exposedPorts(container);
  const url = ({ number, protocol }: ExposedPort) => `${protocol}://${ipAddress}:${number}`;
  const [first] = ports;
  const own = (container.record.config.Env ?? []).filter((entry) => {
    return entry.includes("=") && !/^(HOME|PATH)=/.test(entry);
  });
  return [
    ...(first ? [`${prefix}_PORT=${url(first)}`] : []),
    ...runsOf(ports).flatMap(([start, end]) => {
      const at = `${prefix}_PORT_${start.number}_${start.protocol.toUpperCase()}`;
      const last = `${prefix}_PORT_${start.number}_${end.protocol.toUpperCase()}`;
      return [
        ...[`${at}_START=${url(start)}`, `${at}_ADDR=${ipAddress}`],
        ...[`${at}_PROTO=${start.protocol}`, `${at}_PORT_START=${start.number}`],
        ...[`${last}_END=${url(end)}`, `${last}_PORT_END=${end.number}`],
      ];
    }),
    ...ports.flatMap((port) => {
      const at = `${prefix}_PORT_${port.number}_${port.protocol.toUpperCase()}`;
      return [
        ...[`${at}=${url(port)}`, `${at}_ADDR=${ipAddress}`],
        ...[`${at}_PORT=${port.number}`, `${at}_PROTO=${port.protocol}`],
      ];
    }),
    `${prefix}_NAME=${path}`,
    ...own.map((entry) => `${prefix}_ENV_${entry}`),
  ];
}

/** By number, TCP first. */
function exposedPorts({ record }: Container): ExposedPort[] {
  const ports = Object.keys(record.config.ExposedPorts ?? {}).map((key) => {
    const [number, protocol = "tcp"] = key.split("/");
    return { number: Number(number), protocol };
  });
  const rank = ({ protocol }: ExposedPort) => Number(protocol !== "tcp");
  return ports.sort((a, b) => a.number - b.number || rank(a) - rank(b));
}

/** Runs of at least two ports of which each is at most as far from the first as its place. */
function runsOf(ports: ExposedPort[]): [ExposedPort, ExposedPort][] {
  const runs: [ExposedPort, ExposedPort][] = [];
  for (let at = 0; at < ports.length; ) {
    const start = ports[at] as ExposedPort;
    let last = at;
    let reach = start.number;
    while (last + 1 < ports.length && (ports[last + 1] as ExposedPort).number <= ++reach) last += 1;
    // dockerd tells no run of two.
    if (last > at + 1) runs.push([start, ports[last] as ExposedPort]);
    at = last > at + 1 ? last + 1 : at + 1;
  }
  return runs;
}
