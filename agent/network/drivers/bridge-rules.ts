// The nftables rules of one bridge network, worked out as a value.
import type { NetworkRules } from "../driver/driver.ts";
import { LOOPBACK, rule } from "../driver/ruleset.ts";
import { type NetworkSpec, poolOf } from "../model/network.ts";
import * as nft from "../nftables/expression.ts";
import type { Rule } from "../nftables/table.ts";

export interface BridgeSettings {
  /** Interface name on the host, at most 15 bytes. */
  name: string;
  mtu: number;
  masquerade: boolean;
  /** Whether containers of the network reach each other. */
  interContainer: boolean;
  /** Where ports without a host address are published; "" is every address. */
  hostBinding: string;
  /** Interfaces in the container are PREFIX0, PREFIX1… */
  interfacePrefix: string;
}

export function bridgeRules(
  settings: BridgeSettings,
  network: NetworkSpec,
  family: 4 | 6,
): NetworkRules {
  return {
    guard: family === 4 ? guard(settings.name) : [],
    source: sourceRules(family, network, settings),
    first: network.internal ? closed(settings.name) : [],
    forward: network.internal ? [] : open(settings.name),
  };
}

/**
 * Bridges accept loopback addresses (route_localnet), so that ports published on 127.0.0.1 can
 * answer; without these a container could reach every local service of the host.
 */
function guard(bridge: string): Rule[] {
  return [
    rule(nft.from(bridge), nft.destination(LOOPBACK), nft.drop()),
    rule(nft.from(bridge), nft.source(LOOPBACK), nft.drop()),
  ];
}

function sourceRules(family: 4 | 6, network: NetworkSpec, settings: BridgeSettings): Rule[] {
  const pool = poolOf(network, family);
  if (!pool) return [];
  const bridge = settings.name;
  const rules: Rule[] = [];
  if (settings.masquerade && !network.internal) {
    rules.push(rule(nft.source(pool.subnet), nft.notTo(bridge), nft.masquerade()));
  }
  // A container that reaches its neighbour by a published port must see the answer come back
  // from there, so the answer has to pass the host again.
  rules.push(rule(nft.source(pool.subnet), nft.to(bridge), nft.published(), nft.masquerade()));
  if (family === 4) rules.push(rule(nft.source(LOOPBACK), nft.to(bridge), nft.masquerade()));
  return rules;
}

function closed(bridge: string): Rule[] {
  return [
    rule(nft.from(bridge), nft.notTo(bridge), nft.drop()),
    rule(nft.to(bridge), nft.notFrom(bridge), nft.drop()),
  ];
}

function open(bridge: string): Rule[] {
  return [
    rule(nft.to(bridge), nft.published(), nft.accept()),
    rule(nft.to(bridge), nft.notFrom(bridge), nft.drop()),
  ];
}
