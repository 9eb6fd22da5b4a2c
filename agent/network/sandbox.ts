// The record of a container's place in the networks, and what follows from records alone.
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { recordForm } from "../state/record.ts";
import type { Endpoint, PortMapping, PortRelay, Sandbox } from "./contract.ts";
import { parseAddress } from "./ip.ts";
import type { NetworkSpec } from "./network.ts";
import type { PublishedPort } from "./ruleset.ts";

/** Of whoever opens it: a shim is where the agent is. */
const OWN_NETNS = "/proc/self/ns/net";

export interface EndpointRecord extends Endpoint {
  /** The host's end of the pair; "" for networks that have none. */
  hostInterface: string;
}

export interface SandboxRecord {
  containerId: string;
  containerName: string;
  hostname: string;
  /** Undefined for the host's own namespace. */
  netnsPath?: string;
  endpoints: EndpointRecord[];
  /** With host ports chosen. */
  ports: PortMapping[];
  sysctls: Record<string, string>;
}

/** sandboxes/ID.json. */
export const sandboxForm = recordForm<SandboxRecord>(
  {
    what: "the record of a container's place in the networks",
    remedy: "restart the container, which makes it anew; until then its ports are not published",
    version: 1,
  },
  z.looseObject({
    containerId: z.string(),
    containerName: z.string(),
    hostname: z.string(),
    netnsPath: z.string().optional(),
    endpoints: z.array(
      z.looseObject({
        networkId: z.string(),
        networkName: z.string(),
        endpointId: z.string(),
        interfaceName: z.string(),
        hostInterface: z.string(),
        aliases: z.array(z.string()),
        ipAddress: z.string(),
        ipv6Address: z.string(),
      }),
    ),
    ports: z.array(z.looseObject({ hostPort: z.number(), containerPort: z.number() })),
    sysctls: z.record(z.string(), z.string()),
  }),
);

/** Finds a network by id; the plane's own lookup. */
export type FindNetwork = (id: string) => NetworkSpec | undefined;

/** The endpoint that has the default route and the published ports: the first that leads out. */
export function gatewayEndpoint(
  record: SandboxRecord,
  find: FindNetwork,
): EndpointRecord | undefined {
  return record.endpoints.find(({ networkId }) => {
    const network = find(networkId);
    return network?.driver === "bridge" && !network.internal;
  });
}

/** Where each port of a sandbox leads; none while it has no network that leads out. */
export function publishedPorts(record: SandboxRecord, find: FindNetwork): PublishedPort[] {
  const endpoint = gatewayEndpoint(record, find);
  if (!endpoint) return [];
  const binding = find(endpoint.networkId)?.bridge?.hostBinding ?? "";
  return record.ports.flatMap((port) => {
    const hostIp = port.hostIp === "" ? binding : port.hostIp;
    const host = parseAddress(hostIp);
    const targets = [endpoint.ipAddress, endpoint.ipv6Address].flatMap((text) => {
      const target = parseAddress(text);
      return target && (!host || host.family === target.family) ? [target] : [];
    });
    return targets.map((target) => ({
      container: record.containerName,
      protocol: port.protocol,
      hostIp,
      hostPort: port.hostPort,
      containerPort: port.containerPort,
      target,
    }));
  });
}

/** What the plane's callers see of a record. */
export function sandboxOf(
  record: SandboxRecord,
  find: FindNetwork,
  nameTable: (networkId: string) => string,
  relayNetns: string | undefined,
): Sandbox {
  const gateway = gatewayEndpoint(record, find);
  const published = gateway !== undefined;
  return {
    netnsPath: record.netnsPath,
    endpoints: record.endpoints.map(({ hostInterface: _, ...endpoint }) => endpoint),
    ports: published ? record.ports : [],
    ...(gateway ? { relay: relayOf(gateway, relayNetns) } : {}),
    nameTables: record.endpoints
      .filter(({ networkId }) => find(networkId)?.nameResolution)
      .map(({ networkId }) => nameTable(networkId)),
  };
}

function relayOf({ ipAddress, ipv6Address }: EndpointRecord, netns: string | undefined): PortRelay {
  return { netnsPath: netns ?? OWN_NETNS, ipAddress, ipv6Address, onlyIPv6: netns === undefined };
}

/** Refuses names that would break a line of a name table. */
export function checkName(name: string, what: string): void {
  if (/^[^\s\0#]{1,253}$/.test(name)) return;
  throw new FairleadError("invalid", `${what}: ${JSON.stringify(name)} is not a host name`, {
    hint: "at most 253 characters, none of them a space or #",
  });
}
