// The small interfaces through which containers use images, storage, networks and execution.
// The drivers implement them; objects/ never learns more about a driver than this.

/** The part of an OCI image configuration that a container takes its defaults from. */
export interface ImageConfig {
  architecture: string;
  os: string;
  created?: string;
  config?: {
    User?: string;
    ExposedPorts?: Record<string, object>;
    Env?: string[];
    Entrypoint?: string[] | null;
    Cmd?: string[] | null;
    Volumes?: Record<string, object>;
    WorkingDir?: string;
    Labels?: Record<string, string>;
    StopSignal?: string;
    Healthcheck?: {
      Test?: string[];
      Interval?: number;
      Timeout?: number;
      StartPeriod?: number;
      StartInterval?: number;
      Retries?: number;
    };
  };
}

export interface StoredImage {
  /** `sha256:…` of the image configuration, Docker's image id. */
  id: string;
  /** Layer chain, lowest first: directories that hold one unpacked layer each. */
  layers: string[];
  config: ImageConfig;
}

export interface ImageStore {
  /** By name, id or unique id prefix; undefined when there is none. */
  find(reference: string, platform?: string): Promise<StoredImage | undefined>;
  /** Image ids in use by containers are asked of the consumer before anything is removed. */
  setUsage(inUse: () => Iterable<{ imageId: string; container: string; running: boolean }>): void;
}

export interface StorageDriver {
  readonly name: string;
  /** Makes and mounts the root of a container; calling it again when mounted is a no-op. */
  mount(containerId: string, layers: string[]): Promise<string>;
  unmount(containerId: string): Promise<void>;
  /** Unmounts and deletes everything the container wrote. */
  remove(containerId: string): Promise<void>;
  /** Bytes the container itself wrote. */
  usage(containerId: string): Promise<number>;
}

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

export interface NetworkPlane {
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

/** The exit of a container or exec, and what else a shim reports; see docs/shim-protocol.md. */
export interface ShimState {
  status: "created" | "running" | "paused" | "restarting" | "exited";
  pid: number;
  shimPid: number;
  bootId: string;
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  signal: number;
  oomKilled: boolean;
  restartCount: number;
  stopRequested: boolean;
  error: string;
  health?: {
    status: "starting" | "healthy" | "unhealthy";
    failingStreak: number;
    log: { start: string; end: string; exitCode: number; output: string }[];
  };
}

export interface VolumeRequest {
  /** "" makes an anonymous one with a random name. */
  name: string;
  /** "" is "local". */
  driver: string;
  options: Record<string, string>;
  labels: Record<string, string>;
}

export interface StoredVolume {
  name: string;
  driver: string;
  /** Directory on the host that holds the data. */
  mountpoint: string;
  /** Made without a name for one container: removed with it (`rm -v`, `--rm`). */
  anonymous: boolean;
}

export interface VolumeStore {
  find(name: string): StoredVolume | undefined;
  /** The volume of that name, made when missing; `conflict` when it exists with another driver. */
  ensure(request: VolumeRequest): Promise<StoredVolume>;
  /** Makes the data reachable at the mountpoint (volumes with a device); a no-op for plain ones. */
  mount(name: string, containerId: string): Promise<string>;
  unmount(name: string, containerId: string): Promise<void>;
  /** Fills an empty volume with what a root has at a path, owner and mode included. */
  populate(name: string, rootfsPath: string, containerPath: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Volumes in use by containers are asked of the consumer before anything is removed. */
  setUsage(inUse: () => Iterable<{ volume: string; container: string }>): void;
}

/** Where drivers and objects announce what happened; see event.ts. */
export interface EventSink {
  publish(
    type: "container" | "image" | "network" | "volume" | "daemon",
    action: string,
    id: string,
    attributes?: Record<string, string>,
  ): void;
}
