// What follows from the records of containers' places in the networks, and from them alone.
import { FairleadError } from "../../resources/model/errors.ts";
import type { Network } from "./driver/driver.ts";
import type { PublishedPort } from "./driver/ruleset.ts";
import type { PortRelay, Sandbox } from "./model/contract.ts";
import { parseAddress } from "./model/ip.ts";
import type { EndpointRecord, SandboxRecord } from "./model/record.ts";

/** Of whoever opens it: a shim is where the agent is. */
const OWN_NETNS = "/proc/self/ns/net";

/** Finds a network by id; the controller's own lookup. */
export type FindNetwork = (id: string) => Network | undefined;

/** The endpoint that has the default route: the first that leads out. */
export function gatewayEndpoint(
  record: SandboxRecord,
  find: FindNetwork,
): EndpointRecord | undefined {
  return record.endpoints.find(({ networkId }) => {
    const network = find(networkId);
    return network?.traits.interfaces === true && !network.internal;
  });
}

/** The endpoint to which ports of the host lead: the first that leads out and can have them. */
export function publishingEndpoint(
  record: SandboxRecord,
  find: FindNetwork,
): EndpointRecord | undefined {
  return record.endpoints.find(({ networkId }) => {
    const network = find(networkId);
    return network?.traits.publishes === true && !network.internal;
  });
}

/** Where each port of a sandbox leads; none while it has no network that leads out. */
export function publishedPorts(record: SandboxRecord, find: FindNetwork): PublishedPort[] {
  const endpoint = publishingEndpoint(record, find);
  if (!endpoint) return [];
  const binding = find(endpoint.networkId)?.hostBinding ?? "";
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

/** What the controller's callers see of a record. */
export function sandboxOf(
  record: SandboxRecord,
  find: FindNetwork,
  nameTable: (networkId: string) => string,
  relayNetns: string | undefined,
): Sandbox {
  const publishing = publishingEndpoint(record, find);
  return {
    netnsPath: record.netnsPath,
    endpoints: record.endpoints.map(({ hostInterface: _, ...endpoint }) => endpoint),
    ports: publishing ? record.ports : [],
    ...(publishing ? { relay: relayOf(publishing, relayNetns) } : {}),
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
