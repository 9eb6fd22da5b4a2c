// What a network is to the drivers. Labels, dates and Docker's shapes belong to objects/network.
import type { Address, Subnet } from "./ip.ts";
import { parseAddress, requireSubnet } from "./ip.ts";

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
  /** A name of the registry of drivers. */
  driver: string;
  /** No way out, and no published ports. */
  internal: boolean;
  /** At most one of each family; none where the driver has its own addresses, or no interfaces. */
  pools: AddressPool[];
  /** Containers find each other by name. */
  nameResolution: boolean;
  /** What the driver made of the options; its own affair. */
  settings: object;
}

/** Reads a record of an earlier version, in which settings were those of a bridge alone. */
export function upgradeSpec(
  spec: Omit<NetworkSpec, "settings"> & {
    settings?: object | undefined;
    bridge?: object | undefined;
  },
): NetworkSpec {
  const { bridge, settings = bridge ?? {}, ...rest } = spec;
  return { ...rest, settings, driver: rest.driver === "none" ? "null" : rest.driver };
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
