// One network as Docker knows it: the drivers' spec with its date, labels and options.
import type { IPAMConfig, NetworkInspect } from "@docker/node-sdk";
import * as z from "zod";
import type { Attached } from "../../network/controller.ts";
import { NETWORK_DRIVERS } from "../../network/drivers/registry.ts";
import { type NetworkSpec, upgradeSpec } from "../../network/model/network.ts";
import { recordForm } from "../../state/record.ts";

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

/** networks/ID.json. */
export const networkForm = recordForm<NetworkRecord>(
  {
    what: "the record of a network",
    remedy:
      "what was still whole in it is used, if that was enough; else make the network anew under " +
      "another name, or put a sound record in its place and restart the agent",
    version: 1,
  },
  z.looseObject({
    spec: z
      .looseObject({
        id: z.string(),
        name: z.string().min(1),
        driver: z.string(),
        internal: z.boolean(),
        pools: z.array(z.looseObject({ subnet: z.string(), gateway: z.string() })),
        nameResolution: z.boolean(),
        settings: z.looseObject({}).optional(),
        bridge: z.looseObject({}).optional(),
      })
      .refine(hasSettings, "its settings are not those of its driver"),
    created: z.string(),
    attachable: z.boolean(),
    ipv4: z.boolean(),
    ipv6: z.boolean(),
    options: z.record(z.string(), z.string()),
    labels: z.record(z.string(), z.string()),
  }),
);

/** The body of GET /networks/ID; in lists `Containers` stays empty, as in Docker's. */
export function inspectNetwork(record: NetworkRecord, attached: Attached[]): NetworkInspect {
  const { spec } = record;
  return {
    Name: spec.name,
    Id: spec.id,
    Created: record.created,
    Scope: "local",
    Driver: spec.driver,
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

function hasSettings(recorded: Parameters<typeof upgradeSpec>[0]): boolean {
  const { driver, settings } = upgradeSpec(recorded);
  // One of a driver that is not there is told of, and left as it is.
  return NETWORK_DRIVERS.find(({ name }) => name === driver)?.isSettings(settings) ?? true;
}
