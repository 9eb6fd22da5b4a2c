// Which addresses of which network are in use; derived from the records, never stored.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { EndpointRequest } from "../model/contract.ts";
import { type Address, formatAddress, parseAddress, requireAddress } from "../model/ip.ts";
import { type NetworkSpec, poolOf } from "../model/network.ts";
import type { EndpointRecord } from "../model/record.ts";
import { PoolAllocator } from "./pool.ts";

type Addresses = Pick<
  EndpointRecord,
  "gateway" | "ipAddress" | "prefixLength" | "ipv6Gateway" | "ipv6Address" | "ipv6PrefixLength"
>;

export class AddressAllocator {
  readonly #ledgers = new Map<string, PoolAllocator>();

  add(network: NetworkSpec): void {
    for (const family of [4, 6] as const) {
      const found = poolOf(network, family);
      if (found) this.#ledgers.set(`${network.id} ${family}`, new PoolAllocator(found.pool));
    }
  }

  remove(networkId: string): void {
    for (const family of [4, 6]) this.#ledgers.delete(`${networkId} ${family}`);
  }

  /** The addresses of a new endpoint: those asked for, else the next free ones. */
  take(network: NetworkSpec, request: EndpointRequest): Addresses {
    const four = this.#takeOne(network, 4, request.ipv4);
    try {
      const six = this.#takeOne(network, 6, request.ipv6);
      return {
        gateway: four?.gateway ?? "",
        ipAddress: four?.address ?? "",
        prefixLength: four?.prefixLength ?? 0,
        ipv6Gateway: six?.gateway ?? "",
        ipv6Address: six?.address ?? "",
        ipv6PrefixLength: six?.prefixLength ?? 0,
      };
    } catch (error) {
      if (four) this.#release(network.id, parseAddress(four.address));
      throw error;
    }
  }

  restore(endpoint: EndpointRecord): void {
    this.#each(endpoint, (ledger, address) => ledger.restore(address));
  }

  release(endpoint: EndpointRecord): void {
    this.#each(endpoint, (ledger, address) => ledger.release(address));
  }

  #takeOne(network: NetworkSpec, family: 4 | 6, asked: string | undefined) {
    const ledger = this.#ledgers.get(`${network.id} ${family}`);
    const pool = poolOf(network, family);
    if (!ledger || !pool) {
      if (!asked) return undefined;
      throw new FairleadError("invalid", `network ${network.name} has no IPv${family} addresses`, {
        hint: `remove the address ${asked}, or give the network a subnet`,
      });
    }
    const address = asked ? this.#claim(ledger, requireAddress(asked, "address")) : ledger.take();
    return {
      address: formatAddress(address),
      gateway: network.internal ? "" : formatAddress(pool.gateway),
      prefixLength: ledger.subnet.prefixLength,
    };
  }

  #claim(ledger: PoolAllocator, address: Address): Address {
    ledger.claim(address);
    return address;
  }

  #each(endpoint: EndpointRecord, visit: (ledger: PoolAllocator, address: Address) => void): void {
    for (const text of [endpoint.ipAddress, endpoint.ipv6Address]) {
      const address = parseAddress(text);
      const ledger = address && this.#ledgers.get(`${endpoint.networkId} ${address.family}`);
      if (ledger) visit(ledger, address);
    }
  }

  #release(networkId: string, address: Address | undefined): void {
    if (address) this.#ledgers.get(`${networkId} ${address.family}`)?.release(address);
  }
}
