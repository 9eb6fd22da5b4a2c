// Facets of a container's network: ports, attachments, names and resolution.
import type { ContainerInspectResponse, EndpointSettings } from "@docker/node-sdk";
import { isKeyed, type Normal } from "../../../model/canonical.ts";
import { parseLink } from "../../../model/link.ts";
import type { Attachment, ContainerSpec } from "../container.ts";
import { type Port, portKey, ports as portsType } from "../port.ts";
import { type Facet, inConfig, inHostConfig, listInHostConfig, toldByName } from "./facet.ts";

type Value<F extends keyof ContainerSpec> = NonNullable<ContainerSpec[F]>;

const ports: Facet<Port[]> = {
  write: (value, into) => {
    const bindings: Record<string, { HostIp?: string; HostPort: string }[]> = {};
    for (const port of value) {
      const key = `${port.target}/${port.protocol}`;
      const HostPort = port.published === undefined ? "" : String(port.published);
      const binding = port.hostIp === undefined ? { HostPort } : { HostIp: port.hostIp, HostPort };
      bindings[key] = [...(bindings[key] ?? []), binding];
    }
    into.HostConfig.PortBindings = bindings;
    into.ExposedPorts = Object.fromEntries(Object.keys(bindings).map((key) => [key, {}]));
  },
  normal: (value) => Object.fromEntries(value.map((port) => [portKey(port), true])),
  read: (seen) => Object.fromEntries(seenPorts(seen).map((port) => [portKey(port), true])),
  compare: "keys",
  declared: (keyed) => portsType.parse(Object.keys(keyed)),
};

const networks: Facet<Value<"networks">> = {
  // Engines before API 1.44 take one network at creation; the others are connected after it.
  write: (value, into) => {
    const [first] = Object.entries(value);
    into.HostConfig.NetworkMode = first?.[0] ?? "none";
    if (!first) return;
    into.NetworkingConfig = { EndpointsConfig: { [first[0]]: endpointSettings(first[1]) } };
    if (first[1].macAddress) (into as { MacAddress?: string }).MacAddress = first[1].macAddress;
  },
  normal: (value) =>
    Object.fromEntries(Object.entries(value).map(([name, one]) => [name, normalAttachment(one)])),
  read: (seen) => {
    const shown = seen.NetworkSettings?.Networks ?? {};
    return Object.fromEntries(
      Object.entries(shown).map(([name, endpoint]) => [name, seenAttachment(endpoint, seen)]),
    );
  },
  compare: "keys",
  clear: {},
  alone: true,
  isUnset: (form) => Object.keys(form as object).join() === "bridge",
  asked: withoutGivenAddresses,
};

const networkMode: Facet<string> = {
  ...inHostConfig<string>("NetworkMode", "bridge"),
  normal: (value) => (value === "default" ? "bridge" : value),
  read: (seen) => (seen.HostConfig?.NetworkMode ?? "default").replace(/^default$/, "bridge"),
  // Else it is the name of a network it has joined, which its networks say.
  isUnset: (form) => !/^(host|none|container:.*)$/.test(String(form)),
  told: toldByName,
};

const extraHosts: Facet<Record<string, string[]>> = {
  write: (value, into) => {
    into.HostConfig.ExtraHosts = Object.entries(value).flatMap(([name, addresses]) =>
      addresses.map((address) => `${name}:${address}`),
    );
  },
  normal: (value) => value,
  read: (seen) => {
    const found: Record<string, string[]> = {};
    for (const entry of seen.HostConfig?.ExtraHosts ?? []) {
      const [, name = "", address = ""] = /^([^:=]*)[:=](.*)$/.exec(entry) ?? [];
      found[name] = [...(found[name] ?? []), address.replace(/^\[|\]$/g, "")];
    }
    return found;
  },
  compare: "keys",
};

// Those of a network of the user's are in its attachment, though HostConfig may repeat them.
const links: Facet<string[]> = {
  write: (value, into) => {
    into.HostConfig.Links = value;
  },
  normal: normalLinks,
  read: ({ HostConfig }) => {
    const mode = HostConfig?.NetworkMode ?? "default";
    return ["default", "bridge"].includes(mode) ? normalLinks(HostConfig?.Links ?? []) : [];
  },
  compare: "whole",
};

/** Docker's form of an attachment, for a creation or a connect. */
export function endpointSettings(attachment: Attachment): EndpointSettings {
  const { aliases, links, ipv4, ipv6, macAddress } = attachment;
  const addresses = {
    ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
  };
  return {
    ...(aliases === undefined ? {} : { Aliases: aliases }),
    ...(links === undefined ? {} : { Links: links }),
    ...(Object.keys(addresses).length === 0 ? {} : { IPAMConfig: addresses }),
    ...(macAddress === undefined ? {} : { MacAddress: macAddress }),
  };
}

/** The published ports that an inspected container asks for. */
export function seenPorts(seen: ContainerInspectResponse): Port[] {
  const bindings = Object.entries(seen.HostConfig?.PortBindings ?? {});
  return bindings.flatMap(([key, list]) => {
    const [target, protocol] = key.split("/");
    return (list ?? []).map(({ HostIp, HostPort }) => ({
      target: Number(target),
      protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
      ...(HostPort && HostPort !== "0" ? { published: Number(HostPort) } : {}),
      ...(HostIp ? { hostIp: HostIp } : {}),
    }));
  });
}

export const networkFacets = {
  ports,
  publishAllPorts: inHostConfig<boolean>("PublishAllPorts", false),
  networks,
  networkMode,
  links,
  hostname: inConfig<string>("Hostname", { inherited: true }),
  domainname: inConfig<string>("Domainname"),
  extraHosts,
  dns: listInHostConfig("Dns", "ordered"),
  dnsSearch: listInHostConfig("DnsSearch", "ordered"),
  dnsOptions: listInHostConfig("DnsOptions", "ordered"),
};

/** NAME:ALIAS, however it was written; inspect shows the paths of both. */
function normalLinks(texts: readonly string[]): string[] {
  const all = texts.map((text) => {
    const { name = text, alias = name } = parseLink(text) ?? {};
    return `${name}:${alias}`;
  });
  return [...new Set(all)].sort();
}

function normalAttachment({ aliases, links = [], ipv4, ipv6, macAddress }: Attachment): Normal {
  return {
    aliases: [...new Set(aliases)].sort(),
    links: links.length > 0 ? normalLinks(links) : undefined,
    ipv4,
    ipv6,
    macAddress: macAddress?.toLowerCase(),
  };
}

// Engines add the container's short id (and some its name) to the aliases; nobody declared those.
function seenAttachment(endpoint: EndpointSettings, seen: ContainerInspectResponse): Normal {
  const own = [seen.Id?.slice(0, 12), seen.Name?.replace(/^\//, "")];
  const aliases = (endpoint.Aliases ?? []).filter((alias) => !own.includes(alias));
  return {
    aliases: [...new Set(aliases)].sort(),
    links: endpoint.Links?.length ? normalLinks(endpoint.Links) : undefined,
    ipv4: endpoint.IPAMConfig?.IPv4Address || undefined,
    ipv6: endpoint.IPAMConfig?.IPv6Address || undefined,
    macAddress: endpoint.MacAddress?.toLowerCase() || undefined,
  };
}

// A running container shows a hardware address in every network; only some were asked for.
function withoutGivenAddresses(
  networks: Normal,
  seen: ContainerInspectResponse,
  last: Normal,
): Normal {
  if (!isKeyed(networks)) return networks;
  const { MacAddress: asked } = (seen.Config ?? {}) as { MacAddress?: string };
  const entries = Object.entries(networks).map(([name, attachment]) => {
    if (!isKeyed(attachment)) return [name, attachment];
    const before = isKeyed(last) ? last[name] : undefined;
    const declared = isKeyed(before) && before.macAddress !== undefined;
    if (declared || (asked && asked.toLowerCase() === attachment.macAddress)) {
      return [name, attachment];
    }
    return [name, { ...attachment, macAddress: undefined }];
  });
  return Object.fromEntries(entries) as Normal;
}
