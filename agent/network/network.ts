// What a network is to the drivers. Labels, dates and Docker's shapes belong to objects/network.
import type { Address, Subnet } from "./ip.ts";
import { parseAddress, requireSubnet } from "./ip.ts";

export type DriverName = "bridge" | "host" | "none";

/** One subnet of a network, as text so that it can be recorded. */
export interface AddressPool {
  subnet: string;
  gateway: string;
  /** Where addresses are taken from; the whole subnet when absent. */
  ipRange?: string;
  /** Addresses that are in use by something else, by name. */
  auxiliary?: Record<string, string>;
}

export interface NetworkSpec {
  /** 64 hexadecimal digits. */
  id: string;
  name: string;
  driver: DriverName;
  /** No way out, and no published ports. */
  internal: boolean;
  /** At most one of each family; none for host and none. */
  pools: AddressPool[];
  /** Containers find each other by name. */
  nameResolution: boolean;
  /** Only for bridge: */
  bridge?: BridgeOptions;
}

export interface BridgeOptions {
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

/** The pool of a family, read; undefined when the network has none. */
export function poolOf(
  network: NetworkSpec,
  family: 4 | 6,
): { subnet: Subnet; gateway: Address; pool: AddressPool } | undefined {
  for (const pool of network.pools) {
    const subnet = requireSubnet(pool.subnet, "IPAM.Config.Subnet");
    const gateway = parseAddress(pool.gateway);
    if (subnet.family === family && gateway) return { subnet, gateway, pool };
  }
  return undefined;
}
