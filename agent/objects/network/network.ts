// One network as Docker knows it: the drivers' spec with its date, labels and options.
import type { IPAMConfig, NetworkInspect } from "@docker/node-sdk";
import type { NetworkSpec } from "../../network/network.ts";
import type { Attached } from "../../network/plane.ts";

export interface NetworkRecord {
  spec: NetworkSpec;
  /** RFC 3339 with nanoseconds. */
  created: string;
  attachable: boolean;
  ipv4: boolean;
  ipv6: boolean;
  /** As the user gave them. */
  options: Record<string, string>;
  labels: Record<string, string>;
}

export const PREDEFINED = ["bridge", "host", "none"];

// Docker calls the driver of the network none "null".
const WIRE_DRIVER = { bridge: "bridge", host: "host", none: "null" } as const;

/** Docker's word for the driver of a network. */
export function driverOf({ spec }: NetworkRecord): string {
  return WIRE_DRIVER[spec.driver];
}

/** The body of GET /networks/ID; in lists `Containers` stays empty, as in Docker's. */
export function inspectNetwork(record: NetworkRecord, attached: Attached[]): NetworkInspect {
  const { spec } = record;
  return {
    Name: spec.name,
    Id: spec.id,
    Created: record.created,
    Scope: "local",
    Driver: driverOf(record),
    EnableIPv4: record.ipv4,
    EnableIPv6: record.ipv6,
    IPAM: { Driver: "default", Config: spec.pools.map(ipamConfig), Options: {} },
    Internal: spec.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(attached.map(containerEntry)),
    Options: record.options,
    Labels: record.labels,
  };
}

function ipamConfig(pool: NetworkSpec["pools"][number]): IPAMConfig {
  return {
    Subnet: pool.subnet,
    ...(pool.ipRange ? { IPRange: pool.ipRange } : {}),
    Gateway: pool.gateway,
    ...(pool.auxiliary ? { AuxiliaryAddresses: pool.auxiliary } : {}),
  };
}

function containerEntry({ containerId, containerName, endpoint }: Attached) {
  const { ipAddress, prefixLength, ipv6Address, ipv6PrefixLength } = endpoint;
  const entry = {
    Name: containerName,
    EndpointID: endpoint.endpointId,
    MacAddress: endpoint.macAddress,
    IPv4Address: ipAddress === "" ? "" : `${ipAddress}/${prefixLength}`,
    IPv6Address: ipv6Address === "" ? "" : `${ipv6Address}/${ipv6PrefixLength}`,
  };
  return [containerId, entry] as const;
}
