// The expressions of an nftables rule, as the kernel wants them (linux/netfilter/nf_tables.h).
import { type Address, addressBytes, maskBytes, type Subnet } from "../model/ip.ts";
import { attribute, nested, text, u16be, u32, u32be } from "../netlink/message.ts";

/** One step of a rule: it matches, or acts. */
export interface Expression {
  name: string;
  attributes: Buffer[];
}

const REGISTER_1 = 1;
const REGISTER_2 = 2;
const VERDICT_REGISTER = 0;
const META = { inputName: 6, outputName: 7, l4Protocol: 16 };
const BASE = { network: 1, transport: 2 };
const COMPARE = { equal: 0, notEqual: 1, notAbove: 3, notBelow: 5 };
const CT = { state: 0, status: 2 };
const CT_STATE_ESTABLISHED_RELATED = 2 | 4;
const CT_STATUS_DNAT = 1 << 5;
const FIB = { resultAddressType: 3, ofDestination: 2 };
const LOCAL_ADDRESS = 2;
const VERDICT = { drop: 0, accept: 1, jump: -3 };
const PROTOCOL = { tcp: 6, udp: 17 };
const NAME_BYTES = 16;

export const from = (bridge: string) => interfaceName(META.inputName, COMPARE.equal, bridge);
export const notFrom = (bridge: string) => interfaceName(META.inputName, COMPARE.notEqual, bridge);
export const to = (bridge: string) => interfaceName(META.outputName, COMPARE.equal, bridge);
export const notTo = (bridge: string) => interfaceName(META.outputName, COMPARE.notEqual, bridge);

export const source = (subnet: Subnet) =>
  networkAddress(subnet, COMPARE.equal, subnet.family === 4 ? 12 : 8);
export const destination = (subnet: Subnet) => destinationIs(subnet, COMPARE.equal);
export const notDestination = (subnet: Subnet) => destinationIs(subnet, COMPARE.notEqual);

/** Packets of connections that were let through before, and errors that belong to them. */
export const established = () => conntrackHas(CT.state, CT_STATE_ESTABLISHED_RELATED);
/** Packets of connections whose destination was rewritten: published ports. */
export const published = () => conntrackHas(CT.status, CT_STATUS_DNAT);

/** Packets to an address of this host, as the routing tables see it. */
export function toThisHost(): Expression[] {
  const fib = {
    name: "fib",
    attributes: [
      attribute(1, u32be(REGISTER_1)),
      attribute(2, u32be(FIB.resultAddressType)),
      attribute(3, u32be(FIB.ofDestination)),
    ],
  };
  return [fib, compare(COMPARE.equal, u32(LOCAL_ADDRESS))];
}

/** TCP or UDP to the ports `low` to `high`. */
export function toPorts(protocol: "tcp" | "udp", low: number, high: number): Expression[] {
  const ports =
    low === high
      ? [compare(COMPARE.equal, u16be(low))]
      : [compare(COMPARE.notBelow, u16be(low)), compare(COMPARE.notAbove, u16be(high))];
  return [
    loadMeta(META.l4Protocol),
    compare(COMPARE.equal, Buffer.from([PROTOCOL[protocol]])),
    loadPayload(BASE.transport, 2, 2),
    ...ports,
  ];
}

export const accept = () => verdict(VERDICT.accept);
export const drop = () => verdict(VERDICT.drop);
export const jump = (chain: string) => verdict(VERDICT.jump, chain);
export const masquerade = (): Expression[] => [{ name: "masq", attributes: [] }];

/** Rewrites the destination; without a port the packet keeps its own. */
export function dnat(address: Address, port?: number): Expression[] {
  const attributes = [
    attribute(1, u32be(1)),
    attribute(2, u32be(address.family === 4 ? 2 : 10)),
    attribute(3, u32be(REGISTER_1)),
  ];
  const loads = [load(REGISTER_1, addressBytes(address))];
  if (port !== undefined) {
    loads.push(load(REGISTER_2, u16be(port)));
    attributes.push(attribute(5, u32be(REGISTER_2)));
  }
  return [...loads, { name: "nat", attributes }];
}

function destinationIs(subnet: Subnet, operator: number): Expression[] {
  return networkAddress(subnet, operator, subnet.family === 4 ? 16 : 24);
}

function interfaceName(key: number, operator: number, name: string): Expression[] {
  const bytes = Buffer.alloc(NAME_BYTES);
  bytes.write(name);
  return [loadMeta(key), compare(operator, bytes)];
}

function networkAddress(subnet: Subnet, operator: number, offset: number): Expression[] {
  const mask = maskBytes(subnet.family, subnet.prefixLength);
  const value = addressBytes({ family: subnet.family, value: subnet.first });
  const whole = subnet.prefixLength === mask.length * 8;
  return [
    loadPayload(BASE.network, offset, mask.length),
    ...(whole ? [] : [masked(mask)]),
    compare(operator, value),
  ];
}

function conntrackHas(key: number, bits: number): Expression[] {
  const ct = {
    name: "ct",
    attributes: [attribute(1, u32be(REGISTER_1)), attribute(2, u32be(key))],
  };
  return [ct, masked(u32(bits)), compare(COMPARE.notEqual, u32(0))];
}

function masked(mask: Buffer): Expression {
  const attributes = [
    attribute(1, u32be(REGISTER_1)),
    attribute(2, u32be(REGISTER_1)),
    attribute(3, u32be(mask.length)),
    nested(4, attribute(1, mask)),
    nested(5, attribute(1, Buffer.alloc(mask.length))),
  ];
  return { name: "bitwise", attributes };
}

function loadMeta(key: number): Expression {
  return {
    name: "meta",
    attributes: [attribute(1, u32be(REGISTER_1)), attribute(2, u32be(key))],
  };
}

function loadPayload(base: number, offset: number, size: number): Expression {
  const values = [REGISTER_1, base, offset, size];
  return {
    name: "payload",
    attributes: values.map((value, at) => attribute(at + 1, u32be(value))),
  };
}

function compare(operator: number, value: Buffer): Expression {
  return {
    name: "cmp",
    attributes: [
      attribute(1, u32be(REGISTER_1)),
      attribute(2, u32be(operator)),
      nested(3, attribute(1, value)),
    ],
  };
}

function load(register: number, value: Buffer): Expression {
  return {
    name: "immediate",
    attributes: [attribute(1, u32be(register)), nested(2, attribute(1, value))],
  };
}

function verdict(code: number, chain?: string): Expression[] {
  const parts = [attribute(1, u32be(code))];
  if (chain) parts.push(attribute(2, text(chain)));
  const attributes = [attribute(1, u32be(VERDICT_REGISTER)), nested(2, nested(2, ...parts))];
  return [{ name: "immediate", attributes }];
}
