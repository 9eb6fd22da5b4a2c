// Address management: which subnet a new network gets, and which address a new endpoint gets.
import { createHash } from "node:crypto";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  type Address,
  contains,
  formatAddress,
  formatSubnet,
  lastOf,
  overlaps,
  requireAddress,
  requireSubnet,
  type Subnet,
} from "../model/ip.ts";
import type { AddressPool } from "../model/network.ts";

// 12 networks of /16, then 16 of /20, then 64 of /16: Docker's own ranges, behind which 10/8 is
// used from its middle, where few site networks begin.
const DEFAULT_RANGES = [
  { from: "172.20.0.0/16", count: 12 },
  { from: "192.168.0.0/20", count: 16 },
  { from: "10.128.0.0/16", count: 64 },
];
const UNIQUE_LOCAL = 0xfdn;

/** The first default IPv4 subnet that overlaps nothing; `conflict` when all are taken. */
export function chooseSubnet(taken: Subnet[]): Subnet {
  for (const { from, count } of DEFAULT_RANGES) {
    const first = requireSubnet(from, "default pool");
    const size = lastOf(first) - first.first + 1n;
    for (let n = 0n; n < BigInt(count); n++) {
      const candidate = { ...first, first: first.first + n * size };
      if (!taken.some((subnet) => overlaps(subnet, candidate))) return candidate;
    }
  }
  throw new FairleadError("conflict", "all default address pools are in use on this host", {
    hint: "name a subnet of your own, such as --subnet 10.77.0.0/24",
  });
}

/** A /64 of RFC 4193, the same whenever it is asked for the same network. */
export function uniqueLocalSubnet(networkId: string): Subnet {
  const digest = createHash("sha256").update(`ipv6 ${networkId}`).digest();
  const globalId = BigInt(`0x${digest.subarray(0, 5).toString("hex")}`);
  return { family: 6, first: ((UNIQUE_LOCAL << 40n) | globalId) << 80n, prefixLength: 64 };
}

/** The addresses of one pool: handed out in a round, so that a released one is reused last. */
export class PoolAllocator {
  readonly subnet: Subnet;
  readonly #range: Subnet;
  readonly #reserved = new Set<bigint>();
  readonly #taken = new Set<bigint>();
  #next: bigint;

  constructor(pool: AddressPool) {
    this.subnet = requireSubnet(pool.subnet, "subnet");
    this.#range = pool.ipRange ? requireSubnet(pool.ipRange, "ip-range") : this.subnet;
    this.#reserved.add(requireAddress(pool.gateway, "gateway").value);
    for (const [name, text] of Object.entries(pool.auxiliary ?? {})) {
      this.#reserved.add(requireAddress(text, `auxiliary address ${name}`).value);
    }
    // The lowest address is the subnet's own name (RFC 4291, 2.6.1 in IPv6), the highest of
    // IPv4 its broadcast address; a /31 and a /32 have neither (RFC 3021).
    const whole = this.subnet.prefixLength >= (this.subnet.family === 4 ? 31 : 127);
    if (!whole) this.#reserved.add(this.subnet.first);
    if (!whole && this.subnet.family === 4) this.#reserved.add(lastOf(this.subnet));
    this.#next = this.#range.first;
  }

  /** The next free address; `conflict` when the pool is used up. */
  take(): Address {
    const { family } = this.subnet;
    const used = BigInt(this.#taken.size + this.#reserved.size);
    for (let tries = 0n; tries <= used; tries++) {
      const value = this.#next;
      this.#next = value === lastOf(this.#range) ? this.#range.first : value + 1n;
      if (this.#reserved.has(value) || this.#taken.has(value)) continue;
      this.#taken.add(value);
      return { family, value };
    }
    throw new FairleadError("conflict", `no free address is left in ${formatSubnet(this.#range)}`, {
      hint: "remove containers from the network or make one with a larger subnet",
    });
  }

  /** Takes one address; `invalid` outside the subnet, `conflict` when it is in use. */
  claim(address: Address): void {
    const text = formatAddress(address);
    if (!contains(this.subnet, address)) {
      throw new FairleadError("invalid", `${text} is not in ${formatSubnet(this.subnet)}`);
    }
    if (this.#reserved.has(address.value)) {
      throw new FairleadError("conflict", `${text} is reserved in this network`);
    }
    if (this.#taken.has(address.value)) {
      throw new FairleadError("conflict", `${text} is already in use in this network`);
    }
    this.#taken.add(address.value);
  }

  /** Notes an address that a recorded endpoint has; later ones are taken from behind it. */
  restore(address: Address): void {
    this.#taken.add(address.value);
    const inRange = contains(this.#range, address) && address.value < lastOf(this.#range);
    if (inRange && address.value >= this.#next) this.#next = address.value + 1n;
  }

  release(address: Address): void {
    this.#taken.delete(address.value);
  }
}

/** Refuses with `invalid` or `conflict` a pool that a user described and that cannot work. */
export function checkPool(pool: AddressPool, taken: Subnet[]): void {
  const subnet = requireSubnet(pool.subnet, "IPAM.Config.Subnet");
  const inside = (text: string, path: string) => {
    const address = requireAddress(text, path);
    if (contains(subnet, address)) return;
    throw new FairleadError("invalid", `${path}: ${text} is not in ${pool.subnet}`, { path });
  };
  inside(pool.gateway, "IPAM.Config.Gateway");
  for (const text of Object.values(pool.auxiliary ?? {})) {
    inside(text, "IPAM.Config.AuxiliaryAddresses");
  }
  if (pool.ipRange) {
    const range = requireSubnet(pool.ipRange, "IPAM.Config.IPRange");
    if (!contains(subnet, { family: range.family, value: range.first })) {
      const message = `IPAM.Config.IPRange: ${pool.ipRange} is not in ${pool.subnet}`;
      throw new FairleadError("invalid", message);
    }
  }
  const clash = taken.find((other) => overlaps(other, subnet));
  if (clash) {
    throw new FairleadError(
      "conflict",
      `the subnet ${pool.subnet} overlaps ${formatSubnet(clash)}, which this host uses already`,
      { path: "IPAM.Config.Subnet", hint: "choose a subnet that is free on this host" },
    );
  }
}
