// The record of a new endpoint: its names and addresses, worked out from what was asked for.
import { FairleadError } from "../../resources/model/errors.ts";
import type { Network } from "./driver/driver.ts";
import type { EndpointRequest } from "./model/contract.ts";
import { addressBytes, parseAddress } from "./model/ip.ts";
import { endpointId, vethName } from "./model/names.ts";
import type { EndpointRecord } from "./model/record.ts";

const MOST_INTERFACES = 64;

export interface EndpointPlan {
  instance: string;
  containerId: string;
  network: Network;
  request: EndpointRequest;
  addresses: Pick<
    EndpointRecord,
    "gateway" | "ipAddress" | "prefixLength" | "ipv6Gateway" | "ipv6Address" | "ipv6PrefixLength"
  >;
  /** Interface names that the container has already. */
  used: string[];
}

/** `invalid` for a MAC address that cannot be one interface's, or for too many interfaces. */
export function newEndpoint(plan: EndpointPlan): EndpointRecord {
  const { network, request, addresses } = plan;
  const id = endpointId(plan.instance, plan.containerId, network.id);
  const { traits, interfacePrefix } = network;
  return {
    networkId: network.id,
    networkName: network.name,
    endpointId: id,
    interfaceName: traits.interfaces ? freeName(interfacePrefix, plan.used) : "",
    aliases: request.aliases,
    ...addresses,
    macAddress: traits.interfaces ? macAddress(request.macAddress, addresses.ipAddress, id) : "",
    hostInterface: traits.interfaces ? vethName(id) : "",
  };
}

function freeName(prefix: string, used: string[]): string {
  for (let n = 0; n < MOST_INTERFACES; n++) {
    if (!used.includes(`${prefix}${n}`)) return `${prefix}${n}`;
  }
  throw new FairleadError("invalid", `a container has at most ${MOST_INTERFACES} networks`);
}

/** The address that was asked for, else one made of the IPv4 address, as Docker's always was. */
function macAddress(asked: string | undefined, ipAddress: string, id: string): string {
  if (asked) return checkMac(asked);
  const address = parseAddress(ipAddress);
  const digits = address ? addressBytes(address).toString("hex") : id.slice(0, 8);
  return `02:42:${digits.match(/../g)?.join(":")}`;
}

function checkMac(text: string): string {
  const mac = text.toLowerCase().replaceAll("-", ":");
  const group = Number.parseInt(mac.slice(0, 2), 16) & 1;
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || group === 1 || mac === "00:00:00:00:00:00") {
    throw new FairleadError(
      "invalid",
      `${JSON.stringify(text)} is not the MAC address of one host`,
    );
  }
  return mac;
}
