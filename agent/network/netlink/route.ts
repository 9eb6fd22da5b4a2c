// Requests about addresses and routes (rtnetlink(7)), and the reading of answers.
import {
  type Address,
  addressBytes,
  addressFromBytes,
  formatAddress,
  type Subnet,
  subnetOf,
} from "../model/ip.ts";
import {
  attribute,
  FLAG,
  type KernelRequest,
  message,
  readAttributes,
  readMessages,
  readU32,
  u32,
} from "./message.ts";
import {
  AF_INET,
  AF_INET6,
  EAFNOSUPPORT,
  EEXIST,
  EOPNOTSUPP,
  IFA_ADDRESS,
  IFA_F_NODAD,
  IFA_FLAGS,
  IFA_LOCAL,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_GATEWAY,
  RTA_OIF,
  RTM_GETADDR,
  RTM_GETROUTE,
  RTM_NEWADDR,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTPROT_BOOT,
} from "./numbers.ts";

const AF = { 4: AF_INET, 6: AF_INET6 } as const;

/** An address in use on the host, or a route: what a new network must not overlap. */
export interface HostSubnet extends Subnet {
  /** Index of the interface; 0 when the route has none. */
  link: number;
}

/**
 * Gives an interface an address. IPv6 skips duplicate address detection: fairlead hands out each
 * address once, and a hairpin port would hear its own probe.
 */
export function addAddress(link: number, address: Address, prefixLength: number): KernelRequest {
  const header = Buffer.from([AF[address.family], prefixLength, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(link, 4);
  const bytes = addressBytes(address);
  const parts = [attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, bytes)];
  if (address.family === 6) parts.push(attribute(IFA_FLAGS, u32(IFA_F_NODAD)));
  return {
    step: `add address ${formatAddress(address)}/${prefixLength}`,
    datagram: message(RTM_NEWADDR, FLAG.ack | FLAG.create | FLAG.excl, header, ...parts),
    allow: [EEXIST],
  };
}

export function addDefaultRoute(gateway: Address, link: number): KernelRequest {
  return {
    step: `add default route by ${formatAddress(gateway)}`,
    datagram: message(
      RTM_NEWROUTE,
      FLAG.ack | FLAG.create | FLAG.excl,
      routeHeader(gateway.family),
      attribute(RTA_GATEWAY, addressBytes(gateway)),
      attribute(RTA_OIF, u32(link)),
    ),
    allow: [EEXIST],
  };
}

export function listAddresses(): KernelRequest {
  return { step: "list addresses", datagram: message(RTM_GETADDR, FLAG.dump, Buffer.alloc(8)) };
}

export function listRoutes(family: 4 | 6): KernelRequest {
  const header = Buffer.alloc(12);
  header[0] = AF[family];
  // A kernel without IPv6 has no routes of it.
  const allow = family === 6 ? [EAFNOSUPPORT, EOPNOTSUPP] : [];
  return { step: "list routes", datagram: message(RTM_GETROUTE, FLAG.dump, header), allow };
}

export function readAddresses(reply: Buffer): HostSubnet[] {
  return readMessages(reply, 8).flatMap(({ payload }) => {
    const attributes = readAttributes(payload.subarray(8));
    const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    return subnetFrom(bytes, payload.readUInt8(1), payload.readUInt32LE(4));
  });
}

/** Routes of the main table to somewhere in particular: default routes are left out. */
export function readRoutes(reply: Buffer): HostSubnet[] {
  return readMessages(reply, 12).flatMap(({ payload }) => {
    const attributes = readAttributes(payload.subarray(12));
    const prefixLength = payload.readUInt8(1);
    if (prefixLength === 0 || payload.readUInt8(4) !== RT_TABLE_MAIN) return [];
    const link = readU32(attributes.get(RTA_OIF));
    return subnetFrom(attributes.get(RTA_DST), prefixLength, link);
  });
}

/** Nothing for an address of another family, and for a length that its family does not have. */
function subnetFrom(bytes: Buffer | undefined, prefixLength: number, link: number): HostSubnet[] {
  const known = bytes !== undefined && (bytes.length === 4 || bytes.length === 16);
  if (!known || prefixLength > bytes.length * 8) return [];
  return [{ ...subnetOf(addressFromBytes(bytes), prefixLength), link }];
}

/** struct rtmsg: family, lengths, tos, table, protocol, scope, type, flags. */
function routeHeader(family: 4 | 6): Buffer {
  return Buffer.from([AF[family], 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, RTN_UNICAST, 0, 0, 0, 0]);
}
