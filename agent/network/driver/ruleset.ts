// The nftables rules for all networks and published ports of an instance, worked out as a value.
// Nothing here talks to the kernel.

import { type Address, parseAddress, requireSubnet, type Subnet } from "../model/ip.ts";
import {
  NF_IP_PRI_FILTER,
  NF_IP_PRI_NAT_DST,
  NF_IP_PRI_NAT_SRC,
  NF_IP_PRI_RAW,
} from "../netlink/numbers.ts";
import * as nft from "../nftables/expression.ts";
import type { Chain, Family, Rule, Table } from "../nftables/table.ts";
import type { NetworkRules } from "./driver.ts";

/** A port of the host that leads to a container. */
export interface PublishedPort {
  container: string;
  protocol: "tcp" | "udp";
  /** "" means every address of the family of the target. */
  hostIp: string;
  hostPort: number;
  target: Address;
  containerPort: number;
}

export const LOOPBACK: Subnet = requireSubnet("127.0.0.0/8", "loopback");
const LOOPBACK6: Subnet = requireSubnet("::1/128", "loopback");

/** The rules of one network in one family. */
export interface RulesOf {
  family: 4 | 6;
  rules: NetworkRules;
}

/** One table for IPv4, and one for IPv6 when a network has rules for it; none without any. */
export function ruleset(instance: string, networks: RulesOf[], ports: PublishedPort[]): Table[] {
  const families = ([4, 6] as const).filter((family) =>
    networks.some((network) => network.family === family),
  );
  return families.map((family) => ({
    family: familyName(family),
    name: instance,
    chains: chains(
      family,
      networks.filter((network) => network.family === family).map(({ rules }) => rules),
      ports.filter(({ target }) => target.family === family),
    ),
  }));
}

function chains(family: 4 | 6, networks: NetworkRules[], ports: PublishedPort[]): Chain[] {
  const all: Chain[] = [
    {
      name: "prerouting",
      hook: { type: "nat", at: "prerouting", priority: NF_IP_PRI_NAT_DST },
      // Loopback addresses never come from outside, not even to a port published on one.
      rules: [rule(nft.notDestination(loopbackOf(family)), nft.toThisHost(), nft.jump("ports"))],
    },
    {
      name: "output",
      hook: { type: "nat", at: "output", priority: NF_IP_PRI_NAT_DST },
      // The kernel routes ::1 nowhere else; the container's shim listens there.
      rules: [
        rule(
          family === 6 ? nft.notDestination(LOOPBACK6) : [],
          nft.toThisHost(),
          nft.jump("ports"),
        ),
      ],
    },
    { name: "ports", rules: portRules(ports) },
    {
      name: "postrouting",
      hook: { type: "nat", at: "postrouting", priority: NF_IP_PRI_NAT_SRC },
      rules: networks.flatMap(({ source }) => source),
    },
    {
      name: "forward",
      hook: { type: "filter", at: "forward", priority: NF_IP_PRI_FILTER },
      rules: [
        ...networks.flatMap(({ first }) => first),
        rule(nft.established(), nft.accept()),
        ...networks.flatMap(({ forward }) => forward),
      ],
    },
  ];
  const guard = networks.flatMap((network) => network.guard);
  if (guard.length > 0) all.push(guardChain(guard));
  return all;
}

function guardChain(rules: Rule[]): Chain {
  return {
    name: "guard",
    hook: { type: "filter", at: "prerouting", priority: NF_IP_PRI_RAW },
    rules,
  };
}

function portRules(ports: PublishedPort[]): Rule[] {
  return runs(ports).map(({ first, length }) => {
    const hostAddress = parseAddress(first.hostIp);
    const bound = hostAddress && hostAddress.value !== 0n ? nft.destination(only(hostAddress)) : [];
    const last = first.hostPort + length - 1;
    const target = length > 1 ? undefined : first.containerPort;
    return {
      comment: first.container,
      expressions: [
        ...bound,
        ...nft.toPorts(first.protocol, first.hostPort, last),
        ...nft.dnat(first.target, target),
      ],
    };
  });
}

/** Neighbouring ports that keep their number are one rule, so that a range costs no more. */
function runs(ports: PublishedPort[]): { first: PublishedPort; length: number }[] {
  const found: { first: PublishedPort; length: number }[] = [];
  const key = (port: PublishedPort) =>
    `${port.container} ${port.protocol} ${port.hostIp} ${port.target.value}`;
  const order = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  const sorted = ports.toSorted((a, b) => order(key(a), key(b)) || a.hostPort - b.hostPort);
  for (const port of sorted) {
    const run = found.at(-1);
    const keeps = port.hostPort === port.containerPort;
    if (
      run &&
      keeps &&
      run.first.hostPort === run.first.containerPort &&
      key(run.first) === key(port) &&
      run.first.hostPort + run.length === port.hostPort
    ) {
      run.length++;
    } else {
      found.push({ first: port, length: 1 });
    }
  }
  return found;
}

function loopbackOf(family: 4 | 6): Subnet {
  return family === 4 ? LOOPBACK : LOOPBACK6;
}

export function rule(...parts: nft.Expression[][]): Rule {
  return { expressions: parts.flat() };
}

function only(address: Address): Subnet {
  const prefixLength = address.family === 4 ? 32 : 128;
  return { family: address.family, first: address.value, prefixLength };
}

function familyName(family: 4 | 6): Family {
  return family === 4 ? "ip" : "ip6";
}
