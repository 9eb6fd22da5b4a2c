// What containers ask of the networks of this host, and what they get.

export interface PortMapping {
  protocol: "tcp" | "udp";
  /** "" means every IPv4 address (and IPv6 when the network has it). */
  hostIp: string;
  /** 0 asks for a free one from 32768-60999. */
  hostPort: number;
  containerPort: number;
}

export interface EndpointRequest {
  /** Name or id of a network. */
  network: string;
  aliases: string[];
  /** What the container itself calls others of the network; its resolver's affair. */
  links?: { name: string; alias: string }[];
  ipv4?: string;
  ipv6?: string;
  macAddress?: string;
}

/** What a container got on one network: the source of NetworkSettings.Networks. */
export interface Endpoint {
  networkId: string;
  networkName: string;
  endpointId: string;
  interfaceName: string;
  aliases: string[];
  gateway: string;
  ipAddress: string;
  prefixLength: number;
  ipv6Gateway: string;
  ipv6Address: string;
  ipv6PrefixLength: number;
  macAddress: string;
}

/** Where the shim passes on what arrives at a published port of the host. */
export interface PortRelay {
  /** The namespace from which the container's addresses can be reached. */
  netnsPath: string;
  ipAddress: string;
  ipv6Address: string;
  /** Rules of the kernel lead what arrives by IPv4 to the container already. */
  onlyIPv6: boolean;
}

export interface Sandbox {
  /** Path of the pinned network namespace; undefined for the host's own. */
  netnsPath: string | undefined;
  endpoints: Endpoint[];
  /** With host ports chosen. */
  ports: PortMapping[];
  /** Absent without a network that leads out. */
  relay?: PortRelay;
  /** Name tables the resolver reads; empty where names are not resolved (bridge, host, none). */
  nameTables: string[];
}

export interface SandboxRequest {
  containerId: string;
  /** Without the leading slash; a name on user networks, like the 12-digit id and the aliases. */
  containerName: string;
  hostname: string;
  endpoints: EndpointRequest[];
  ports: PortMapping[];
  sysctls: Record<string, string>;
}

export interface SandboxController {
  /**
   * Creates the namespace, attaches every endpoint and publishes the ports: all or nothing.
   * Refuses with `conflict` when a host port is taken, with `not_found` for a missing network.
   */
  open(request: SandboxRequest): Promise<Sandbox>;
  /** Attaches one more network to an open sandbox, or removes one. */
  connect(containerId: string, endpoint: EndpointRequest): Promise<Sandbox>;
  disconnect(containerId: string, network: string): Promise<Sandbox>;
  rename(containerId: string, containerName: string): Promise<void>;
  /** Removes ports, addresses, links and the namespace; what is already gone is fine. */
  close(containerId: string): Promise<void>;
  /** After a restart of agent or host: keeps the sandboxes of `live`, collects everything else. */
  recover(live: ReadonlySet<string>): Promise<void>;
  /** The sandbox of a container, as recorded. */
  find(containerId: string): Sandbox | undefined;
}
