// How a container is on the network: attachments, shared namespaces, published ports.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import type { Path } from "../document/node.ts";
import type { Service, ServiceNetwork } from "../model/types.ts";
import type { Translation } from "./context.ts";
import type { Replica } from "./placement.ts";
import type { ContainerSource } from "./source.ts";

type Attachments = NonNullable<ContainerInput["networks"]>;
type PortInput = Exclude<NonNullable<ContainerInput["ports"]>[number], string | number>;

/** Networks by resource name, or by their name on the host when they are external. */
export function attachmentsOf(
  source: ContainerSource,
  path: Path,
  translation: Translation,
): Attachments | undefined {
  const { service, replica } = source;
  if (service.networks === undefined) return undefined;
  const links = privateNames(source, path, translation);
  const attachments: Attachments = {};
  for (const [name, options] of byPriority(service.networks)) {
    const declared = translation.project.model.networks?.[name];
    refuseOptions(options ?? {}, [...path, "networks", name], translation);
    const { aliases = [], ipv4_address: ipv4, ipv6_address: ipv6 } = options ?? {};
    const only = Object.keys(service.networks).length === 1;
    const mac = options?.mac_address ?? (only ? service.mac_address : undefined);
    attachments[declared?.external ? declared.name : name] = {
      // A container's own name is known in its networks, and engines do not show it as an alias.
      aliases: [...new Set([replica.service, ...aliases])].filter((one) => one !== replica.object),
      ...(links.length > 0 ? { links } : {}),
      ...(ipv4 === undefined ? {} : { ipv4 }),
      ...(ipv6 === undefined ? {} : { ipv6 }),
      ...(mac === undefined ? {} : { macAddress: mac }),
    };
  }
  return attachments;
}

/** What a service calls others; a service without an alias is known by its name anyway. */
function privateNames(source: ContainerSource, path: Path, translation: Translation): string[] {
  const { links = [], external_links: external = [] } = source.service;
  const own = links.filter((link) => linkOf(link).alias !== linkOf(link).name);
  for (const { name, alias } of own.map(linkOf)) {
    const near = nearestOf(name, source);
    if (!near || near.host === source.replica.host) continue;
    const hint = "Place both on one host, or ask for a published port of the other.";
    translation.refuse([...path, "links"], `${alias} is ${name}, which is on ${near.host}`, hint);
  }
  return [...own, ...external];
}

/** `links` and `external_links` of a service on the default network; undefined on others. */
export function legacyLinksOf(source: ContainerSource): string[] | undefined {
  const { links = [], external_links: external = [], networks } = source.service;
  if (networks !== undefined || links.length + external.length === 0) return undefined;
  const own = links.map((link) => {
    const { name, alias } = linkOf(link);
    return `${nearestOf(name, source)?.name ?? name}:${alias}`;
  });
  return [...own, ...external];
}

function linkOf(text: string): { name: string; alias: string } {
  const [name = "", alias = name] = text.split(":");
  return { name, alias };
}

function nearestOf(name: string, { replica, replicas }: ContainerSource): Replica | undefined {
  const candidates = replicas.filter((other) => other.service === name);
  return candidates.find((other) => other.host === replica.host) ?? candidates[0];
}

/** The network with the highest gateway priority first, then by priority, then by name. */
function byPriority(networks: NonNullable<Service["networks"]>): [string, ServiceNetwork | null][] {
  const rank = (options: ServiceNetwork | null) => [
    options?.gw_priority ?? 0,
    options?.priority ?? 0,
  ];
  return Object.entries(networks).sort(([a, left], [b, right]) => {
    const [gateway = 0, order = 0] = rank(left);
    const [otherGateway = 0, otherOrder = 0] = rank(right);
    return otherGateway - gateway || otherOrder - order || (a < b ? -1 : 1);
  });
}

function refuseOptions(options: ServiceNetwork, path: Path, translation: Translation): void {
  for (const key of ["driver_opts", "interface_name", "link_local_ips"] as const) {
    if (options[key] === undefined) continue;
    translation.refuse([...path, key], "is not supported", "Remove it.");
  }
}

/** `network_mode`, with a service turned into its container. */
export function modeOf(source: ContainerSource): string | undefined {
  return namespaceOf(source.service.network_mode, source);
}

/** A namespace that may be shared with a service: its container on the same host. */
export function namespaceOf(mode: string | undefined, source: ContainerSource): string | undefined {
  if (mode === undefined || !mode.startsWith("service:")) return mode;
  const name = mode.slice("service:".length);
  return `container:${nearestOf(name, source)?.name ?? name}`;
}

/** Published ports. A port that is only exposed needs nothing. */
export function portsOf(service: Service, path: Path, translation: Translation): PortInput[] {
  return (service.ports ?? []).flatMap((port, index) => {
    const at = [...path, "ports", index];
    if (port.target === undefined) return [];
    if (port.published?.includes("-")) {
      const hint = "Publish one port, or as many container ports as host ports.";
      translation.refuse(at, `${port.published} is a range for one container port`, hint);
      return [];
    }
    if (port.protocol !== undefined && port.protocol !== "tcp" && port.protocol !== "udp") {
      translation.refuse(at, `${port.protocol} is not supported`, "Use tcp or udp.");
      return [];
    }
    return [
      {
        target: port.target,
        ...(port.published === undefined ? {} : { published: port.published }),
        ...(port.host_ip === undefined ? {} : { hostIp: port.host_ip }),
        ...(port.protocol === undefined ? {} : { protocol: port.protocol as "tcp" }),
      },
    ];
  });
}
