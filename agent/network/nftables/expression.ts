// The expressions of an nftables rule, as the kernel wants them (linux/netfilter/nf_tables.h).
import { type Address, addressBytes, maskBytes, type Subnet } from "../model/ip.ts";
import { attribute, nested, text, u16be, u32, u32be } from "../netlink/message.ts";
import {
  IFNAMSIZ,
  IP_CT_ESTABLISHED,
  IP_CT_RELATED,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPS_DST_NAT,
  NF_ACCEPT,
  NF_DROP,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_CMP_EQ,
  NFT_CMP_GTE,
  NFT_CMP_LTE,
  NFT_CMP_NEQ,
  NFT_CT_STATE,
  NFT_CT_STATUS,
  NFT_FIB_RESULT_ADDRTYPE,
  NFT_JUMP,
  NFT_META_IIFNAME,
  NFT_META_L4PROTO,
  NFT_META_OIFNAME,
  NFT_NAT_DNAT,
  NFT_PAYLOAD_NETWORK_HEADER,
  NFT_PAYLOAD_TRANSPORT_HEADER,
  NFT_REG_1,
  NFT_REG_2,
  NFT_REG_VERDICT,
  NFTA_BITWISE_DREG,
  NFTA_BITWISE_LEN,
  NFTA_BITWISE_MASK,
  NFTA_BITWISE_SREG,
  NFTA_BITWISE_XOR,
  NFTA_CMP_DATA,
  NFTA_CMP_OP,
  NFTA_CMP_SREG,
  NFTA_CT_DREG,
  NFTA_CT_KEY,
  NFTA_DATA_VALUE,
  NFTA_DATA_VERDICT,
  NFTA_FIB_DREG,
  NFTA_FIB_F_DADDR,
  NFTA_FIB_FLAGS,
  NFTA_FIB_RESULT,
  NFTA_IMMEDIATE_DATA,
  NFTA_IMMEDIATE_DREG,
  NFTA_META_DREG,
  NFTA_META_KEY,
  NFTA_NAT_FAMILY,
  NFTA_NAT_REG_ADDR_MIN,
  NFTA_NAT_REG_PROTO_MIN,
  NFTA_NAT_TYPE,
  NFTA_PAYLOAD_BASE,
  NFTA_PAYLOAD_DREG,
  NFTA_PAYLOAD_LEN,
  NFTA_PAYLOAD_OFFSET,
  NFTA_VERDICT_CHAIN,
  NFTA_VERDICT_CODE,
  RTN_LOCAL,
} from "../netlink/numbers.ts";

/** One step of a rule: it matches, or acts. */
export interface Expression {
  name: string;
  attributes: Buffer[];
}

/** A bit for each state, after the one for invalid packets (NF_CT_STATE_BIT). */
const CT_STATE_ESTABLISHED_RELATED = (2 << IP_CT_ESTABLISHED) | (2 << IP_CT_RELATED);
const PROTOCOL = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP };

export const from = (bridge: string) => interfaceName(NFT_META_IIFNAME, NFT_CMP_EQ, bridge);
export const notFrom = (bridge: string) => interfaceName(NFT_META_IIFNAME, NFT_CMP_NEQ, bridge);
export const to = (bridge: string) => interfaceName(NFT_META_OIFNAME, NFT_CMP_EQ, bridge);
export const notTo = (bridge: string) => interfaceName(NFT_META_OIFNAME, NFT_CMP_NEQ, bridge);

export const source = (subnet: Subnet) =>
  networkAddress(subnet, NFT_CMP_EQ, subnet.family === 4 ? 12 : 8);
export const destination = (subnet: Subnet) => destinationIs(subnet, NFT_CMP_EQ);
export const notDestination = (subnet: Subnet) => destinationIs(subnet, NFT_CMP_NEQ);

/** Packets of connections that were let through before, and errors that belong to them. */
export const established = () => conntrackHas(NFT_CT_STATE, CT_STATE_ESTABLISHED_RELATED);
/** Packets of connections whose destination was rewritten: published ports. */
export const published = () => conntrackHas(NFT_CT_STATUS, IPS_DST_NAT);

/** Packets to an address of this host, as the routing tables see it. */
export function toThisHost(): Expression[] {
  const fib = {
    name: "fib",
    attributes: [
      attribute(NFTA_FIB_DREG, u32be(NFT_REG_1)),
      attribute(NFTA_FIB_RESULT, u32be(NFT_FIB_RESULT_ADDRTYPE)),
      attribute(NFTA_FIB_FLAGS, u32be(NFTA_FIB_F_DADDR)),
    ],
  };
  return [fib, compare(NFT_CMP_EQ, u32(RTN_LOCAL))];
}

/** TCP or UDP to the ports `low` to `high`. */
export function toPorts(protocol: "tcp" | "udp", low: number, high: number): Expression[] {
  const ports =
    low === high
      ? [compare(NFT_CMP_EQ, u16be(low))]
      : [compare(NFT_CMP_GTE, u16be(low)), compare(NFT_CMP_LTE, u16be(high))];
  return [
    loadMeta(NFT_META_L4PROTO),
    compare(NFT_CMP_EQ, Buffer.from([PROTOCOL[protocol]])),
    loadPayload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2),
    ...ports,
  ];
}

export const accept = () => verdict(NF_ACCEPT);
export const drop = () => verdict(NF_DROP);
export const jump = (chain: string) => verdict(NFT_JUMP, chain);
export const masquerade = (): Expression[] => [{ name: "masq", attributes: [] }];

/** Rewrites the destination; without a port the packet keeps its own. */
export function dnat(address: Address, port?: number): Expression[] {
  const attributes = [
    attribute(NFTA_NAT_TYPE, u32be(NFT_NAT_DNAT)),
    attribute(NFTA_NAT_FAMILY, u32be(address.family === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6)),
    attribute(NFTA_NAT_REG_ADDR_MIN, u32be(NFT_REG_1)),
  ];
  const loads = [load(NFT_REG_1, addressBytes(address))];
  if (port !== undefined) {
    loads.push(load(NFT_REG_2, u16be(port)));
    attributes.push(attribute(NFTA_NAT_REG_PROTO_MIN, u32be(NFT_REG_2)));
  }
  return [...loads, { name: "nat", attributes }];
}

function destinationIs(subnet: Subnet, operator: number): Expression[] {
  return networkAddress(subnet, operator, subnet.family === 4 ? 16 : 24);
}

function interfaceName(key: number, operator: number, name: string): Expression[] {
  const bytes = Buffer.alloc(IFNAMSIZ);
  bytes.write(name);
  return [loadMeta(key), compare(operator, bytes)];
}

function networkAddress(subnet: Subnet, operator: number, offset: number): Expression[] {
  const mask = maskBytes(subnet.family, subnet.prefixLength);
  const value = addressBytes({ family: subnet.family, value: subnet.first });
  const whole = subnet.prefixLength === mask.length * 8;
  return [
    loadPayload(NFT_PAYLOAD_NETWORK_HEADER, offset, mask.length),
    ...(whole ? [] : [masked(mask)]),
    compare(operator, value),
  ];
}

function conntrackHas(key: number, bits: number): Expression[] {
  const ct = {
    name: "ct",
    attributes: [attribute(NFTA_CT_DREG, u32be(NFT_REG_1)), attribute(NFTA_CT_KEY, u32be(key))],
  };
  return [ct, masked(u32(bits)), compare(NFT_CMP_NEQ, u32(0))];
}

function masked(mask: Buffer): Expression {
  const attributes = [
    attribute(NFTA_BITWISE_SREG, u32be(NFT_REG_1)),
    attribute(NFTA_BITWISE_DREG, u32be(NFT_REG_1)),
    attribute(NFTA_BITWISE_LEN, u32be(mask.length)),
    nested(NFTA_BITWISE_MASK, attribute(NFTA_DATA_VALUE, mask)),
    nested(NFTA_BITWISE_XOR, attribute(NFTA_DATA_VALUE, Buffer.alloc(mask.length))),
  ];
  return { name: "bitwise", attributes };
}

function loadMeta(key: number): Expression {
  return {
    name: "meta",
    attributes: [attribute(NFTA_META_DREG, u32be(NFT_REG_1)), attribute(NFTA_META_KEY, u32be(key))],
  };
}

function loadPayload(base: number, offset: number, size: number): Expression {
  return {
    name: "payload",
    attributes: [
      attribute(NFTA_PAYLOAD_DREG, u32be(NFT_REG_1)),
      attribute(NFTA_PAYLOAD_BASE, u32be(base)),
      attribute(NFTA_PAYLOAD_OFFSET, u32be(offset)),
      attribute(NFTA_PAYLOAD_LEN, u32be(size)),
    ],
  };
}

function compare(operator: number, value: Buffer): Expression {
  return {
    name: "cmp",
    attributes: [
      attribute(NFTA_CMP_SREG, u32be(NFT_REG_1)),
      attribute(NFTA_CMP_OP, u32be(operator)),
      nested(NFTA_CMP_DATA, attribute(NFTA_DATA_VALUE, value)),
    ],
  };
}

function load(register: number, value: Buffer): Expression {
  return {
    name: "immediate",
    attributes: [
      attribute(NFTA_IMMEDIATE_DREG, u32be(register)),
      nested(NFTA_IMMEDIATE_DATA, attribute(NFTA_DATA_VALUE, value)),
    ],
  };
}

function verdict(code: number, chain?: string): Expression[] {
  const parts = [attribute(NFTA_VERDICT_CODE, u32be(code))];
  if (chain) parts.push(attribute(NFTA_VERDICT_CHAIN, text(chain)));
  const attributes = [
    attribute(NFTA_IMMEDIATE_DREG, u32be(NFT_REG_VERDICT)),
    nested(NFTA_IMMEDIATE_DATA, nested(NFTA_DATA_VERDICT, ...parts)),
  ];
  return [{ name: "immediate", attributes }];
}
