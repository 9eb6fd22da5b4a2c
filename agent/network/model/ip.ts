// IP addresses and subnets as values: parsing, printing, containment. No I/O.
import { isIP } from "node:net";
import { FairleadError } from "../../../resources/model/errors.ts";

export interface Address {
  family: 4 | 6;
  value: bigint;
}

export interface Subnet {
  family: 4 | 6;
  /** The lowest address, with all host bits zero. */
  first: bigint;
  prefixLength: number;
}

/** Reads an IPv4 or IPv6 address without zone or prefix; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return { family, value: fromGroups(text.split(".").map(Number), 8n) };
  if (family !== 6 || text.includes("%")) return undefined;
  const dotted = text.match(/^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/);
  const pair = (high?: string, low?: string) => (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted
    ? `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`
    : text;
  const [head = "", tail] = plain.split("::");
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array<number>(8 - left.length - right.length).fill(0);
  return { family: 6, value: fromGroups([...left, ...zeros, ...right], 16n) };
}

/** The same, refusing with `invalid` what is no address; `path` names the field. */
export function requireAddress(text: string, path: string): Address {
  const found = parseAddress(text);
  if (!found)
    throw new FairleadError("invalid", `${path}: "${text}" is not an IP address`, { path });
  return found;
}

/** Reads `ADDRESS/PREFIX`, refusing with `invalid`; host bits are cleared. */
export function requireSubnet(text: string, path: string): Subnet {
  const [ip = "", length = "", rest] = text.split("/");
  const address = parseAddress(ip);
  const bits = address?.family === 6 ? 128 : 32;
  if (!address || rest !== undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    const hint = "write an address and a prefix length, such as 10.1.0.0/24";
    throw new FairleadError("invalid", `${path}: "${text}" is not a subnet`, { path, hint });
  }
  return subnetOf(address, Number(length));
}

/** The subnet of a given size that holds an address. */
export function subnetOf(address: Address, prefixLength: number): Subnet {
  const host = hostBits(address.family, prefixLength);
  return { family: address.family, first: (address.value >> host) << host, prefixLength };
}

/** The highest address of a subnet: IPv4's broadcast address. */
export function lastOf(subnet: Subnet): bigint {
  return subnet.first + (1n << hostBits(subnet.family, subnet.prefixLength)) - 1n;
}

export function contains(subnet: Subnet, address: Address): boolean {
  return (
    subnet.family === address.family &&
    address.value >= subnet.first &&
    address.value <= lastOf(subnet)
  );
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.first <= lastOf(b) && b.first <= lastOf(a);
}

export function formatAddress({ family, value }: Address): string {
  const bytes = [...addressBytes({ family, value })];
  if (family === 4) return bytes.join(".");
  const hex = value.toString(16).padStart(32, "0").match(/..../g)?.join(":");
  // The URL parser writes the shortest form of RFC 5952.
  return new URL(`http://[${hex}]/`).hostname.slice(1, -1);
}

export function formatSubnet({ family, first, prefixLength }: Subnet): string {
  return `${formatAddress({ family, value: first })}/${prefixLength}`;
}

/** Network byte order: 4 or 16 bytes. */
export function addressBytes({ family, value }: Address): Buffer {
  return Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, "0"), "hex");
}

export function addressFromBytes(bytes: Buffer): Address {
  return { family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString("hex") || "0"}`) };
}

/** The mask of a prefix, in network byte order. */
export function maskBytes(family: 4 | 6, prefixLength: number): Buffer {
  const bits = family === 4 ? 32n : 128n;
  const host = hostBits(family, prefixLength);
  return addressBytes({ family, value: ((1n << bits) - 1n) & ~((1n << host) - 1n) });
}

function hostBits(family: 4 | 6, prefixLength: number): bigint {
  return BigInt((family === 4 ? 32 : 128) - prefixLength);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function fromGroups(parts: number[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
}
