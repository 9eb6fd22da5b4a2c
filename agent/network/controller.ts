// The networks of a host as containers use them: opens, changes, closes and recovers sandboxes.
// It decides and keeps the records; wiring.ts and the drivers carry out what was decided.
import { FairleadError } from "../../resources/model/errors.ts";
import { SerialQueue } from "../concurrency/serial-queue.ts";
import type { Native } from "../native/index.ts";
import type { RecordStore } from "../state/record-store.ts";
import type { Discovery } from "./discovery/discovery.ts";
import type { Network, NetworkDriverEntry } from "./driver/driver.ts";
import { DriverSet } from "./driver/driver-set.ts";
import { newEndpoint } from "./endpoint.ts";
import { hostSubnets } from "./host.ts";
import { AddressAllocator } from "./ipam/address-allocator.ts";
import { checkTogether, fixed } from "./joining.ts";
import type {
  EndpointRequest,
  PortMapping,
  Sandbox,
  SandboxController,
  SandboxRequest,
} from "./model/contract.ts";
import { requireSubnet, type Subnet } from "./model/ip.ts";
import type { NetworkSpec } from "./model/network.ts";
import type { SandboxRecord } from "./model/record.ts";
import { Kernel } from "./netlink/kernel.ts";
import { PortAllocator } from "./port-allocator.ts";
import { checkName, sandboxOf } from "./sandbox.ts";
import { SandboxStore } from "./sandbox-store.ts";
import type { Uplink } from "./uplink.ts";
import { Watch } from "./watch.ts";
import { Wiring } from "./wiring.ts";

export interface ControllerOptions {
  native: Native;
  drivers: readonly NetworkDriverEntry[];
  instance: string;
  /** The agent's `--run` directory. */
  run: string;
  records: RecordStore;
  /** Through which containers find each other by name. */
  discovery: Discovery;
  /** The host's side of the networks; the agent's own namespace when absent. */
  netns?: string;
  /** Set for an agent that is not root: the host's side is the uplink's namespace then. */
  uplink?: Uplink | undefined;
  /** Told what a person should know about this host. */
  warn(line: string): void;
  /** Told when a container joins or leaves a network, also by its start or end. */
  announce?(action: "connect" | "disconnect", network: Network, containerId: string): void;
}

/** A container's place in a network. */
export interface Attached {
  containerId: string;
  containerName: string;
  endpoint: Sandbox["endpoints"][number];
}

export class NetworkController implements SandboxController {
  readonly #options: ControllerOptions;
  readonly #kernel: Kernel;
  /** Where published ports are bound: the host itself, also when the networks are elsewhere. */
  readonly #host: Kernel;
  readonly #networks = new Map<string, Network>();
  readonly #drivers: DriverSet;
  /** Networks whose records are unreadable, with their names, if known, and why. */
  readonly #unreadable = new Map<string, { name: string | undefined; why: string }>();
  readonly #store: SandboxStore;
  readonly #addresses = new AddressAllocator();
  readonly #ports: PortAllocator;
  readonly #queue = new SerialQueue();
  readonly #wiring: Wiring;
  /** Sees that what the networks need stays on the host. */
  readonly watch: Watch;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { native, uplink } = options;
    this.#kernel = new Kernel(native, uplink ? uplink.netns : options.netns);
    this.#host = uplink ? new Kernel(native) : this.#kernel;
    this.#drivers = new DriverSet(options.drivers, {
      kernel: this.#kernel,
      instance: options.instance,
      networks: () => [...this.#networks.values()],
    });
    this.#store = new SandboxStore(`${options.run}/sandboxes`, options.records);
    this.#ports = new PortAllocator(this.#host, () => this.#store.all());
    const state = {
      networks: () => [...this.#networks.values()],
      sandboxes: () => [...this.#store.all()],
      unreadable: () => ({
        networks: [...this.#unreadable.keys()],
        containers: [...this.#store.unreadable],
      }),
      links: () => [
        ...[...this.#networks.values()].flatMap((network) => this.#drivers.links(network)),
        ...[...this.#unreadable.keys()].flatMap((id) => this.#drivers.linksOfUnreadable(id)),
      ],
      find: this.#find,
      driver: (network: Network) => this.#drivers.named(network.driver),
      keep: (record: SandboxRecord) => this.#store.put(record),
    };
    this.#wiring = new Wiring(this.#kernel, state, options);
    this.watch = new Watch({
      findMissing: () => this.#queue.run(() => this.#wiring.missing()),
      repair: () => this.#queue.run(() => this.#wiring.recover()),
      warn: options.warn,
    });
  }

  /** Every subnet that a new network must leave alone: those of networks, and the host's. */
  async takenSubnets(from: "networks" | "host too"): Promise<Subnet[]> {
    const pools = [...this.#networks.values()].flatMap((network) => network.pools);
    const own = pools.map(({ subnet }) => requireSubnet(subnet, "subnet"));
    if (from === "networks") return own;
    const inside = this.#host === this.#kernel ? [] : await hostSubnets(this.#kernel);
    return [...own, ...inside, ...(await hostSubnets(this.#host))];
  }

  /**
   * Makes a network known, as recorded, without touching the kernel: recover() does. Rejects with
   * `unsupported` when its driver is not there.
   */
  restoreNetwork(spec: NetworkSpec): Network {
    const network = this.#drivers.network(spec);
    this.#networks.set(network.id, network);
    this.#addresses.add(network);
    return network;
  }

  /** A new network as its driver will have it; refused when the host cannot. */
  async admit(spec: NetworkSpec): Promise<NetworkSpec> {
    return (await this.#drivers.named(spec.driver).admit?.(spec)) ?? spec;
  }

  /** Leaves what a network has on the host as it is: nobody knows any more what it should be. */
  keepUnreadable(id: string, name: string | undefined, why: string): void {
    this.#unreadable.set(id, { name, why });
  }

  /** What the containers that run have in a network, as recorded. */
  async recordedEndpoints(networkId: string): Promise<Sandbox["endpoints"]> {
    await this.#store.load();
    return this.attached(networkId).map(({ endpoint }) => endpoint);
  }

  /** Makes a network and what it needs on the host; all or nothing. */
  addNetwork(spec: NetworkSpec): Promise<void> {
    return this.#queue.run(async () => {
      const network = this.restoreNetwork(spec);
      try {
        await this.#wiring.addNetwork(network);
      } catch (error) {
        this.#forget(network.id);
        await this.#wiring.removeNetwork(network).catch(this.#warnOf);
        throw error;
      }
    });
  }

  /** Removes a network from the host; `conflict` while a container is in it. */
  removeNetwork(networkId: string): Promise<void> {
    return this.#queue.run(async () => {
      const network = this.#networks.get(networkId);
      if (!network) return;
      const user = this.attached(networkId)[0];
      if (user) {
        const message = `network ${network.name} is in use by container ${user.containerName}`;
        throw new FairleadError("conflict", message, { hint: "disconnect or stop it first" });
      }
      this.#forget(networkId);
      await this.#wiring.removeNetwork(network);
    });
  }

  /** The running containers in a network. */
  attached(networkId: string): Attached[] {
    return [...this.#store.all()].flatMap(({ containerId, containerName, endpoints }) => {
      const found = endpoints.find((endpoint) => endpoint.networkId === networkId);
      return found ? [{ containerId, containerName, endpoint: found }] : [];
    });
  }

  open(request: SandboxRequest): Promise<Sandbox> {
    return this.#queue.run(async () => {
      checkName(request.containerName, "container name");
      if (request.hostname !== "") checkName(request.hostname, "host name");
      const networks = request.endpoints.map((endpoint) => this.#require(endpoint.network));
      checkTogether(networks);
      for (const network of networks) this.#requireWayOut(network);
      const stale = this.#store.get(request.containerId);
      if (stale) await this.#close(stale);
      const onHost = networks.some(({ traits }) => traits.hostNamespace);
      const ports = onHost ? [] : await this.#ports.assign(await this.#bound(request, networks));
      const record: SandboxRecord = {
        containerId: request.containerId,
        containerName: request.containerName,
        hostname: request.hostname,
        ...(onHost ? {} : { netnsPath: `${this.#options.run}/netns/${request.containerId}` }),
        endpoints: [],
        ports,
        sysctls: request.sysctls,
      };
      try {
        request.endpoints.forEach((endpoint, at) => {
          this.#addEndpoint(record, networks[at] as Network, endpoint);
        });
        await this.#store.put(record);
        await this.#wiring.open(record);
      } catch (error) {
        await this.#withdraw(record).catch(this.#warnOf);
        throw error;
      }
      this.#announce("connect", record);
      return this.#shown(record);
    });
  }

  connect(containerId: string, request: EndpointRequest): Promise<Sandbox> {
    return this.#queue.run(async () => {
      const record = this.#requireRecord(containerId);
      const network = this.#require(request.network);
      const others = record.endpoints.map(({ networkId }) => this.#require(networkId));
      if (others.some(({ id }) => id === network.id)) {
        const message = `container ${record.containerName} is already in network ${network.name}`;
        throw new FairleadError("conflict", message);
      }
      const kept = others.filter(({ traits }) => traits.interfaces || traits.hostNamespace);
      const joined = [...kept, network];
      checkTogether(joined);
      this.#requireWayOut(network);
      if (!network.traits.interfaces || record.netnsPath === undefined) throw fixed(network);
      const next: SandboxRecord = {
        ...record,
        endpoints: record.endpoints.filter(({ networkId }) =>
          joined.some(({ id }) => id === networkId),
        ),
      };
      const endpoint = this.#addEndpoint(next, network, request);
      try {
        await this.#store.put(next);
        await this.#wiring.connect(record, next, endpoint);
      } catch (error) {
        await this.#store.put(record);
        await this.#wiring.disconnect(next, record, endpoint).catch(this.#warnOf);
        this.#addresses.release(endpoint);
        throw error;
      }
      this.#options.announce?.("connect", network, containerId);
      return this.#shown(next);
    });
  }

  disconnect(containerId: string, reference: string): Promise<Sandbox> {
    return this.#queue.run(async () => {
      const record = this.#requireRecord(containerId);
      const network = this.#require(reference);
      const endpoint = record.endpoints.find(({ networkId }) => networkId === network.id);
      if (!endpoint) {
        const message = `container ${record.containerName} is not in network ${network.name}`;
        throw new FairleadError("not_found", message);
      }
      if (network.traits.hostNamespace) throw fixed(network);
      const rest = record.endpoints.filter((other) => other !== endpoint);
      const next: SandboxRecord = { ...record, endpoints: rest };
      await this.#store.put(next);
      await this.#wiring.disconnect(record, next, endpoint);
      this.#addresses.release(endpoint);
      this.#options.announce?.("disconnect", network, containerId);
      return this.#shown(next);
    });
  }

  rename(containerId: string, containerName: string): Promise<void> {
    return this.#queue.run(async () => {
      checkName(containerName, "container name");
      const record = this.#store.get(containerId);
      if (!record) return;
      await this.#store.put({ ...record, containerName });
      await this.#wiring.publishNames(record.endpoints.map(({ networkId }) => networkId));
    });
  }

  close(containerId: string): Promise<void> {
    return this.#queue.run(async () => {
      const record = this.#store.get(containerId);
      if (record) await this.#close(record);
    });
  }

  recover(live: ReadonlySet<string>): Promise<void> {
    return this.#queue.run(async () => {
      await this.#store.load();
      for (const record of [...this.#store.all()]) {
        if (!live.has(record.containerId)) await this.#close(record).catch(this.#warnOf);
        else for (const endpoint of record.endpoints) this.#addresses.restore(endpoint);
      }
      await this.#wiring.recover();
    });
  }

  /** Removes everything of the instance from the kernel; for taking fairlead off a host. */
  dismantle(): Promise<void> {
    this.watch.stop();
    return this.#queue.run(async () => {
      // Its namespace holds everything else, and goes with it.
      if (this.#options.uplink) return this.#options.uplink.close();
      await this.#store.load();
      for (const record of [...this.#store.all()]) await this.#close(record);
      for (const id of [...this.#networks.keys()]) this.#forget(id);
      await this.#wiring.recover();
    });
  }

  find(containerId: string): Sandbox | undefined {
    const record = this.#store.get(containerId);
    return record && this.#shown(record);
  }

  readonly #find = (id: string) => this.#networks.get(id);
  readonly #warnOf = (error: Error) => this.#options.warn(error.message);

  #shown(record: SandboxRecord): Sandbox {
    const relayNetns = this.#options.uplink?.netns;
    return sandboxOf(record, this.#find, (id) => this.#options.discovery.table(id), relayNetns);
  }

  #requireWayOut({ name, traits, internal }: Network): void {
    if (traits.routed && !internal) this.#options.uplink?.require(name);
  }

  #forget(networkId: string): void {
    this.#networks.delete(networkId);
    this.#addresses.remove(networkId);
  }

  #require(reference: string): Network {
    const all = [...this.#networks.values()];
    const found = this.#networks.get(reference) ?? all.find(({ name }) => name === reference);
    if (found) return found;
    const begun = /^[0-9a-f]{4,63}$/.test(reference)
      ? all.filter(({ id }) => id.startsWith(reference))
      : [];
    if (begun.length === 1 && begun[0]) return begun[0];
    for (const [id, { name, why }] of this.#unreadable) {
      if (reference !== id && reference !== name) continue;
      throw new FairleadError("conflict", `network ${reference}: ${why}`);
    }
    throw new FairleadError("not_found", `network ${reference} not found`);
  }

  #requireRecord(containerId: string): SandboxRecord {
    const found = this.#store.get(containerId);
    if (found) return found;
    const message = `container ${containerId} has no open network sandbox`;
    throw new FairleadError("not_found", message);
  }

  /** Adds an endpoint with addresses and names to a record that is not written yet. */
  #addEndpoint(record: SandboxRecord, network: Network, request: EndpointRequest) {
    for (const alias of request.aliases) checkName(alias, "network alias");
    const addresses = this.#addresses.take(network, request);
    const endpoint = newEndpoint({
      instance: this.#options.instance,
      network,
      request,
      addresses,
      containerId: record.containerId,
      used: record.endpoints.map(({ interfaceName }) => interfaceName),
    });
    record.endpoints.push(endpoint);
    return endpoint;
  }

  /** The ports with the network's own host address where the request names none. */
  async #bound(request: SandboxRequest, networks: Network[]): Promise<PortMapping[]> {
    const outward = networks.find(({ traits, internal }) => traits.publishes && !internal);
    const hostBinding = outward?.hostBinding ?? "";
    return request.ports.map((port) =>
      port.hostIp === "" && hostBinding !== "" ? { ...port, hostIp: hostBinding } : port,
    );
  }

  async #close(record: SandboxRecord): Promise<void> {
    await this.#withdraw(record);
    this.#announce("disconnect", record);
  }

  #announce(action: "connect" | "disconnect", { containerId, endpoints }: SandboxRecord): void {
    for (const { networkId } of endpoints) {
      const network = this.#networks.get(networkId);
      if (network) this.#options.announce?.(action, network, containerId);
    }
  }

  async #withdraw(record: SandboxRecord): Promise<void> {
    await this.#store.withdraw(record, () => this.#wiring.close(record));
    for (const endpoint of record.endpoints) this.#addresses.release(endpoint);
  }
}
