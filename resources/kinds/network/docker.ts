// A network between its spec and Docker's shapes.
import type { NetworkCreateRequest, NetworkInspect } from "@docker/node-sdk";
import type { Normal, NormalSpec } from "../../model/canonical.ts";
import { userLabels } from "../../plan/ownership.ts";
import type { NetworkSpec } from "./network.ts";

/** The creation of a network. */
export function createNetworkRequest(
  name: string,
  spec: NetworkSpec,
  ownLabels: Record<string, string>,
): NetworkCreateRequest {
  const ipam = spec.ipamDriver !== undefined || spec.subnets !== undefined;
  return {
    Name: name,
    Driver: spec.driver ?? "bridge",
    Labels: { ...spec.labels, ...ownLabels },
    ...(spec.driverOpts === undefined ? {} : { Options: spec.driverOpts }),
    ...(spec.internal === undefined ? {} : { Internal: spec.internal }),
    ...(spec.attachable === undefined ? {} : { Attachable: spec.attachable }),
    ...(spec.enableIpv6 === undefined ? {} : { EnableIPv6: spec.enableIpv6 }),
    ...(ipam ? { IPAM: { Driver: spec.ipamDriver ?? "default", Config: pools(spec) } } : {}),
  };
}

/** The comparable form of everything that is set. */
export function normalNetwork(spec: NetworkSpec): NormalSpec {
  const { subnets, ...plain } = spec;
  if (subnets === undefined) return plain;
  const keyed = subnets.map(({ subnet, ...rest }): [string, Normal] => [subnet, rest]);
  return { ...plain, subnets: Object.fromEntries(keyed) };
}

/** The comparable form of what an engine shows. */
export function seenNetwork(seen: NetworkInspect): NormalSpec {
  const pools = (seen.IPAM?.Config ?? []).map((pool): [string, Normal] => [
    pool.Subnet ?? "",
    {
      gateway: pool.Gateway || undefined,
      ipRange: pool.IPRange || undefined,
      auxAddresses:
        (pool as { AuxiliaryAddresses?: Record<string, string> }).AuxiliaryAddresses ?? undefined,
    },
  ]);
  return {
    name: seen.Name,
    driver: seen.Driver ?? "bridge",
    driverOpts: seen.Options ?? {},
    internal: seen.Internal ?? false,
    attachable: seen.Attachable ?? false,
    enableIpv6: seen.EnableIPv6 ?? false,
    ipamDriver: seen.IPAM?.Driver ?? "default",
    subnets: Object.fromEntries(pools),
    labels: userLabels(seen.Labels),
  };
}

function pools(spec: NetworkSpec) {
  return (spec.subnets ?? []).map((pool) => ({
    Subnet: pool.subnet,
    ...(pool.gateway === undefined ? {} : { Gateway: pool.gateway }),
    ...(pool.ipRange === undefined ? {} : { IPRange: pool.ipRange }),
    ...(pool.auxAddresses === undefined ? {} : { AuxiliaryAddresses: pool.auxAddresses }),
  }));
}
