// The nftables rules for all networks and published ports of an instance, worked out as a value.
// Nothing here talks to the kernel.
import { type Address, parseAddress, requireSubnet, type Subnet } from "./ip.ts";
import { type NetworkSpec, poolOf } from "./network.ts";
import * as nft from "./nftables/expression.ts";
import type { Chain, Family, Rule, Table } from "./nftables/table.ts";

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

// The kernel's priorities: raw -300, destination NAT -100, filter 0, source NAT 100.
const PRIORITY = { raw: -300, dstnat: -100, filter: 0, srcnat: 100 };
const LOOPBACK: Subnet = requireSubnet("127.0.0.0/8", "loopback");
const LOOPBACK6: Subnet = requireSubnet("::1/128", "loopback");

/** One table for IPv4, and one for IPv6 when a network has it; none when there is no bridge. */
export function ruleset(
  instance: string,
  networks: NetworkSpec[],
  ports: PublishedPort[],
): Table[] {
  const bridges = networks.filter(({ driver }) => driver === "bridge");
  const families = ([4, 6] as const).filter((family) =>
    bridges.some((network) => poolOf(network, family)),
  );
  return families.map((family) => ({
    family: familyName(family),
    name: instance,
    chains: chains(
      family,
      bridges.filter((network) => poolOf(network, family)),
      ports.filter(({ target }) => target.family === family),
    ),
  }));
}

function chains(family: 4 | 6, networks: NetworkSpec[], ports: PublishedPort[]): Chain[] {
  const all: Chain[] = [
    {
      name: "prerouting",
      hook: { type: "nat", at: "prerouting", priority: PRIORITY.dstnat },
      // Loopback addresses never come from outside, not even to a port published on one.
      rules: [rule(nft.notDestination(loopbackOf(family)), nft.toThisHost(), nft.jump("ports"))],
    },
    {
      name: "output",
      hook: { type: "nat", at: "output", priority: PRIORITY.dstnat },
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
      hook: { type: "nat", at: "postrouting", priority: PRIORITY.srcnat },
      rules: networks.flatMap((network) => sourceRules(family, network)),
    },
    {
      name: "forward",
      hook: { type: "filter", at: "forward", priority: PRIORITY.filter },
      rules: forwardRules(networks),
    },
  ];
  if (family === 4) all.push(guard(networks));
  return all;
}

/**
 * Bridges accept loopback addresses (route_localnet), so that ports published on 127.0.0.1 can
 * answer; without this chain a container could reach every local service of the host.
 */
function guard(networks: NetworkSpec[]): Chain {
  return {
    name: "guard",
    hook: { type: "filter", at: "prerouting", priority: PRIORITY.raw },
    rules: networks.flatMap((network) => [
      rule(nft.from(bridgeOf(network)), nft.destination(LOOPBACK), nft.drop()),
      rule(nft.from(bridgeOf(network)), nft.source(LOOPBACK), nft.drop()),
    ]),
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

function sourceRules(family: 4 | 6, network: NetworkSpec): Rule[] {
  const pool = poolOf(network, family);
  if (!pool) return [];
  const bridge = bridgeOf(network);
  const rules: Rule[] = [];
  if (network.bridge?.masquerade && !network.internal) {
    rules.push(rule(nft.source(pool.subnet), nft.notTo(bridge), nft.masquerade()));
  }
  // A container that reaches its neighbour by a published port must see the answer come back
  // from there, so the answer has to pass the host again.
  rules.push(rule(nft.source(pool.subnet), nft.to(bridge), nft.published(), nft.masquerade()));
  if (family === 4) rules.push(rule(nft.source(LOOPBACK), nft.to(bridge), nft.masquerade()));
  return rules;
}

function forwardRules(networks: NetworkSpec[]): Rule[] {
  const internal = networks.filter((network) => network.internal).map(bridgeOf);
  const open = networks.filter((network) => !network.internal).map(bridgeOf);
  return [
    ...internal.flatMap((bridge) => [
      rule(nft.from(bridge), nft.notTo(bridge), nft.drop()),
      rule(nft.to(bridge), nft.notFrom(bridge), nft.drop()),
    ]),
    rule(nft.established(), nft.accept()),
    ...open.flatMap((bridge) => [
      rule(nft.to(bridge), nft.published(), nft.accept()),
      rule(nft.to(bridge), nft.notFrom(bridge), nft.drop()),
    ]),
  ];
}

function loopbackOf(family: 4 | 6): Subnet {
  return family === 4 ? LOOPBACK : LOOPBACK6;
}

function rule(...parts: nft.Expression[][]): Rule {
  return { expressions: parts.flat() };
}

function only(address: Address): Subnet {
  const prefixLength = address.family === 4 ? 32 : 128;
  return { family: address.family, first: address.value, prefixLength };
}

function bridgeOf(network: NetworkSpec): string {
  if (!network.bridge) throw new Error(`network ${network.name} has no bridge`);
  return network.bridge.name;
}

function familyName(family: 4 | 6): Family {
  return family === 4 ? "ip" : "ip6";
}
