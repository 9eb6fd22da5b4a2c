// What a kind of network must be able to do, what it says of itself, and its entry in the registry.
// Drivers of others (CNI, Docker's remote protocol) fit: every call may take time, and what they
// choose themselves comes back from `join`.

import type { NetworkSpec } from "../model/network.ts";
import type { EndpointRecord } from "../model/record.ts";
import type { Kernel } from "../netlink/kernel.ts";
import type { Rule } from "../nftables/table.ts";

export interface NetworkTraits {
  /** Containers stay in the host's own namespace. */
  readonly hostNamespace: boolean;
  /**
   * Containers get an interface, may have several such networks, and join and leave them while
   * they run; any other network is a container's only one.
   */
  readonly interfaces: boolean;
  /** The agent chooses subnets and addresses; else `join` says which there are. */
  readonly addresses: boolean;
  /** The host itself routes the subnet: it must be free there, and the host must forward. */
  readonly routed: boolean;
  /** Ports of the host can lead to its containers. */
  readonly publishes: boolean;
  /** Containers find each other by name, but for those of a predefined network. */
  readonly resolvesNames: boolean;
  /** Users can make networks of it; else there is the predefined one alone. */
  readonly creatable: boolean;
}

export interface NetworkDriverEntry {
  /** As Docker calls it. */
  readonly name: string;
  readonly traits: NetworkTraits;
  /** The network of it that every host has. */
  readonly predefined?: {
    name: string;
    /** What inspect shows as its options. */
    options?(settings: object): Record<string, string>;
  };
  /** Keys of the options that it takes. */
  readonly options: readonly string[];
  /** Reads the options of a new network; refuses with `invalid` or `unsupported`. */
  readOptions(options: Record<string, string>, network: NewNetwork): object;
  /** Whether something read from a record is what `readOptions` gives. */
  isSettings(settings: object): boolean;
  open(host: NetworkHost): NetworkDriver;
}

export interface NewNetwork {
  id: string;
  instance: string;
  predefined: boolean;
  ipv6: boolean;
}

export interface NetworkHost {
  /** The host's side of every network. */
  kernel: Kernel;
  instance: string;
  /** The networks of the driver, for what they must not share. */
  networks(): NetworkSpec[];
}

export interface NetworkDriver {
  /** Checks a new network against the host, and may change it; before it is recorded. */
  admit?(network: NetworkSpec): Promise<NetworkSpec>;
  /** Makes what the network needs on the host; calling it again repairs what is missing. */
  ensure(network: NetworkSpec): Promise<void>;
  /** Removes it; what is already gone is fine. */
  remove(network: NetworkSpec): Promise<void>;
  /** Puts an interface into a namespace, in the place of one that is there. */
  join(network: NetworkSpec, endpoint: EndpointRecord, netnsPath: string): Promise<Joined>;
  /** Takes it away again; what is already gone is fine. */
  leave(network: NetworkSpec, endpoint: EndpointRecord, netnsPath: string): Promise<void>;
  /** Whether nothing of an endpoint is missing. */
  isWhole(network: NetworkSpec, endpoint: EndpointRecord, netnsPath: string): Promise<boolean>;
  /** Interfaces of the host that belong to the network itself. */
  links(network: NetworkSpec): string[];
  /** Interfaces of the host that belong to an endpoint. */
  ends?(endpoint: EndpointRecord): string[];
  /** Those that a network may have of which only the id is known. */
  linksOfUnreadable?(networkId: string): string[];
  /** What filters and translates addresses; absent without rules. */
  rules?(network: NetworkSpec, family: 4 | 6): NetworkRules;
  /** How a network differs from the usual. */
  view?(network: NetworkSpec): Partial<NetworkView>;
}

/** What a driver chose that the request did not; it replaces what the record says. */
export type Joined = Partial<
  Pick<
    EndpointRecord,
    | "gateway"
    | "ipAddress"
    | "prefixLength"
    | "ipv6Gateway"
    | "ipv6Address"
    | "ipv6PrefixLength"
    | "macAddress"
  >
>;

export interface NetworkView {
  /** Where ports without a host address are published; "" is every address. */
  hostBinding: string;
  /** Interfaces in the container are PREFIX0, PREFIX1… */
  interfacePrefix: string;
}

/** The rules of one network, by the chain that they go into. */
export interface NetworkRules {
  /** prerouting, before connections are tracked. */
  guard: Rule[];
  /** postrouting, for source addresses. */
  source: Rule[];
  /** forward, before what established connections may. */
  first: Rule[];
  /** forward, after it. */
  forward: Rule[];
}

/** A network with what its driver says of it. */
export interface Network extends NetworkSpec, NetworkView {
  traits: NetworkTraits;
}
