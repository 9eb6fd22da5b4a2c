// The files in a container that say who it is and whom it knows: /etc/hostname, /etc/hosts and
// /etc/resolv.conf. Text in, text out; container-files.ts writes them.
import { isIP } from "node:net";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Endpoint } from "../../../network/model/contract.ts";
import type { ContainerRecord } from "../state/record.ts";

/** Where the resolver in the shim listens. */
const OWN_RESOLVER = "127.0.0.11";
const SEARCH_LIMIT = 64;

/** What the host's own resolv.conf says. */
export interface ResolverFacts {
  nameservers: string[];
  search: string[];
  options: string[];
}

export function parseResolvConf(text: string): ResolverFacts {
  const facts: ResolverFacts = { nameservers: [], search: [], options: [] };
  for (const line of text.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (word === "nameserver" && rest[0] !== undefined) facts.nameservers.push(rest[0]);
    if (word === "search" || word === "domain") facts.search = rest.slice(0, SEARCH_LIMIT);
    if (word === "options") facts.options.push(...rest);
  }
  return facts;
}

/**
 * The servers that a container's resolver asks: the user's, else the host's. It asks where the
 * container is, but for servers on the host's own loopback address. Those are out of reach for a
 * container that has no way out: names are a way out too (CVE-2024-29018 of moby).
 */
export function upstreamsOf(
  record: ContainerRecord,
  host: ResolverFacts,
  wayOut: boolean,
): { upstreams: string[]; hostUpstreams: string[] } {
  const asked = record.hostConfig.Dns ?? [];
  if (asked.length > 0) return { upstreams: asked, hostUpstreams: [] };
  // A server with a zone is one of a link of the host.
  const servers = host.nameservers.filter((ip) => !ip.includes("%"));
  const local = servers.filter(isLoopback);
  return wayOut
    ? { upstreams: servers, hostUpstreams: local }
    : { upstreams: servers.filter((ip) => !local.includes(ip)), hostUpstreams: [] };
}

/**
 * On networks with names the shim's resolver answers, which reaches loopback servers of the host
 * too; elsewhere they cannot be reached.
 */
export function resolvConf(
  record: ContainerRecord,
  host: ResolverFacts,
  mode: "own-resolver" | "direct" | "host-network",
): string {
  const { Dns = [], DnsSearch = [], DnsOptions = [] } = record.hostConfig;
  const servers = Dns.length > 0 ? Dns : host.nameservers;
  const reachable =
    mode === "direct" && Dns.length === 0 ? servers.filter((ip) => !isLoopback(ip)) : servers;
  const nameservers = mode === "own-resolver" ? [OWN_RESOLVER] : reachable;
  const search = DnsSearch.length > 0 ? DnsSearch.filter((name) => name !== ".") : host.search;
  const options = DnsOptions.length > 0 ? DnsOptions : host.options;
  const all = mode === "own-resolver" ? [...new Set([...options, "ndots:0"])] : options;
  return [
    ...nameservers.map((ip) => `nameserver ${ip}`),
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...(all.length > 0 ? [`options ${all.join(" ")}`] : []),
    "",
  ].join("\n");
}

/** /etc/hosts: loopback, the user's extra hosts, linked containers, the own addresses. */
export function hostsFile(
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
  hostGateway: string,
  linked: readonly { names: string[]; ipAddress: string }[],
): string {
  const { Hostname = "", Domainname = "" } = record.config;
  const lines = [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::\tip6-localnet",
    "ff00::\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
  ];
  for (const entry of record.hostConfig.ExtraHosts ?? []) {
    const { name, ip } = parseExtraHost(entry);
    lines.push(`${ip === "host-gateway" ? hostGateway : ip}\t${name}`);
  }
  for (const { names, ipAddress } of linked) lines.push(`${ipAddress}\t${names.join(" ")}`);
  const names = Domainname ? `${Hostname}.${Domainname} ${Hostname}` : Hostname;
  for (const { ipAddress, ipv6Address } of endpoints) {
    if (ipAddress) lines.push(`${ipAddress}\t${names}`);
    if (ipv6Address) lines.push(`${ipv6Address}\t${names}`);
  }
  return `${lines.join("\n")}\n`;
}

/** `name:ip` or `name=ip`, where the address may be `host-gateway` or in brackets. */
export function parseExtraHost(entry: string): { name: string; ip: string } {
  const [, name = "", address = ""] = /^([^:=\s]+)[:=](.+)$/.exec(entry) ?? [];
  const ip = address.replace(/^\[(.*)\]$/, "$1");
  if (!/^[^\s#\0]{1,253}$/.test(name) || (ip !== "host-gateway" && isIP(ip) === 0)) {
    throw new FairleadError("invalid", `invalid IP address in add-host: ${JSON.stringify(entry)}`);
  }
  return { name, ip };
}

function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}
