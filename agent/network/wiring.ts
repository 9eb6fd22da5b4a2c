// Carries out what was decided: namespaces, interfaces, routes and the nftables table in the
// kernel, and names by the discovery. Every step can be repeated; removing what is gone is fine.
import { mkdir } from "node:fs/promises";
import type { Discovery } from "./discovery/discovery.ts";
import type { Network, NetworkDriver } from "./driver/driver.ts";
import { type RulesOf, ruleset } from "./driver/ruleset.ts";
import { enableForwarding, foreignDrops } from "./host.ts";
import { collectLeftovers } from "./leftovers.ts";
import { type Address, parseAddress } from "./model/ip.ts";
import { poolOf } from "./model/network.ts";
import type { EndpointRecord, SandboxRecord } from "./model/record.ts";
import { deleteStale, listConnections, type StalePort } from "./netlink/conntrack.ts";
import type { Kernel } from "./netlink/kernel.ts";
import { listLinks, readLinks } from "./netlink/link.ts";
import type { KernelRequest } from "./netlink/message.ts";
import { addDefaultRoute } from "./netlink/route.ts";
import { installTables } from "./nftables/install.ts";
import { listChains, readChains, type Table } from "./nftables/table.ts";
import {
  type FindNetwork,
  gatewayEndpoint,
  publishedPorts,
  publishingEndpoint,
} from "./sandbox.ts";

/** What is to be true, as the controller has it now. */
export interface ControllerState {
  networks(): Network[];
  sandboxes(): SandboxRecord[];
  /** Whose records are unreadable: what they have on the host stays. */
  unreadable(): { networks: string[]; containers: string[] };
  /** Interfaces of the host that belong to networks, also to unreadable ones. */
  links(): string[];
  find: FindNetwork;
  driver(network: Network): NetworkDriver;
  /** What a driver chose, to be kept. */
  keep(record: SandboxRecord): Promise<void>;
}

export interface WiringOptions {
  instance: string;
  run: string;
  discovery: Discovery;
  warn(line: string): void;
}

export class Wiring {
  readonly #kernel: Kernel;
  readonly #state: ControllerState;
  readonly #options: WiringOptions;
  readonly #said = new Set<string>();

  constructor(kernel: Kernel, state: ControllerState, options: WiringOptions) {
    this.#kernel = kernel;
    this.#state = state;
    this.#options = options;
  }

  async addNetwork(network: Network): Promise<void> {
    await this.#state.driver(network).ensure(network);
    await this.publishNames([network.id]);
    if (network.traits.routed) await this.#prepareHost();
  }

  /**
   * Makes the host what the networks and sandboxes say, whatever was there before: repairs what
   * is missing and collects what belongs to nothing. What cannot be repaired is a warning.
   */
  async recover(): Promise<void> {
    const networks = this.#state.networks();
    const sandboxes = this.#state.sandboxes();
    for (const network of networks) {
      await this.#state.driver(network).ensure(network).catch(this.#warnOf);
    }
    await collectLeftovers(this.#kernel, this.#options, this.#state);
    for (const record of sandboxes) await this.#repair(record).catch(this.#warnOf);
    await this.publishNames(networks.map(({ id }) => id));
    await this.#prepareHost().catch(this.#warnOf);
  }

  /** What of all that is not on the host any more, in words; two questions to the kernel. */
  async missing(): Promise<string | undefined> {
    const [links] = await this.#kernel.route([listLinks()]);
    const present = new Set(readLinks(links ?? Buffer.alloc(0)).map(({ name }) => name));
    const missing = [...this.#state.networks().flatMap((network) => this.#linksOf(network))].find(
      (name) => !present.has(name),
    );
    if (missing !== undefined) return `the interface ${missing}`;
    const tables = this.#tables();
    if (tables.length === 0) return undefined;
    const [reply] = await this.#kernel.netfilter([listChains()]);
    const chains = new Set(
      readChains(reply ?? Buffer.alloc(0)).map(({ family, table, name }) => {
        return `${family} ${table} ${name}`;
      }),
    );
    const gone = tables.find(({ family, name, chains: wanted }) =>
      wanted.some((chain) => chain.hook && !chains.has(`${family} ${name} ${chain.name}`)),
    );
    return gone && `the nftables table ${gone.family} ${gone.name}`;
  }

  async removeNetwork(network: Network): Promise<void> {
    if (network.traits.routed) await this.applyRules();
    await this.#state.driver(network).remove(network);
    await this.#options.discovery.withdraw(network.id);
  }

  async open(record: SandboxRecord): Promise<void> {
    const { netnsPath } = record;
    if (netnsPath !== undefined) {
      await mkdir(`${this.#options.run}/netns`, { recursive: true, mode: 0o700 });
      await this.#kernel.native.deleteNetns(netnsPath);
      await this.#kernel.native.createNetns(netnsPath);
      const inside = this.#kernel.inside(netnsPath);
      for (const endpoint of record.endpoints) await this.#join(record, endpoint, netnsPath);
      await this.#routeBy(record);
      await inside.sysctls(record.sysctls);
    }
    await this.publishNames(record.endpoints.map(({ networkId }) => networkId));
    await this.#republish([record]);
  }

  /** `before` and `after` differ by one endpoint. */
  async connect(
    before: SandboxRecord,
    after: SandboxRecord,
    endpoint: EndpointRecord,
  ): Promise<void> {
    if (after.netnsPath !== undefined) await this.#join(after, endpoint, after.netnsPath);
    await this.#settle(before, after, endpoint.networkId);
  }

  async disconnect(
    before: SandboxRecord,
    after: SandboxRecord,
    endpoint: EndpointRecord,
  ): Promise<void> {
    await this.#leave(before, endpoint);
    await this.#settle(before, after, endpoint.networkId);
  }

  async close(record: SandboxRecord): Promise<void> {
    // The kernel waits for its readers in both, so they run side by side.
    await Promise.all([this.#republish([record]), this.#leaveAll(record)]);
    if (record.netnsPath !== undefined) await this.#kernel.native.deleteNetns(record.netnsPath);
    await this.publishNames(record.endpoints.map(({ networkId }) => networkId));
  }

  /** Tells who is in those networks that resolve names. */
  async publishNames(networkIds: string[]): Promise<void> {
    for (const id of networkIds) {
      if (!this.#state.find(id)?.nameResolution) continue;
      await this.#options.discovery.publish(id, this.#state.sandboxes());
    }
  }

  /** Replaces the whole table by what is to be true now, in one transaction. */
  async applyRules(): Promise<void> {
    await installTables(this.#kernel, this.#options.instance, this.#tables());
  }

  #tables(): Table[] {
    const { find } = this.#state;
    const ports = this.#state.sandboxes().flatMap((record) => publishedPorts(record, find));
    const rules = this.#state.networks().flatMap((network) => this.#rulesOf(network));
    return ruleset(this.#options.instance, rules, ports);
  }

  #linksOf(network: Network): string[] {
    const driver = this.#state.driver(network);
    const endpoints = this.#state
      .sandboxes()
      .flatMap((record) => record.endpoints.filter(({ networkId }) => networkId === network.id));
    return [...driver.links(network), ...endpoints.flatMap((one) => driver.ends?.(one) ?? [])];
  }

  readonly #warnOf = (error: Error) => this.#options.warn(error.message);

  async #prepareHost(): Promise<void> {
    const routed = this.#state.networks().filter(({ traits }) => traits.routed);
    if (routed.length === 0) return this.applyRules();
    const six = routed.some((network) => poolOf(network, 6) !== undefined);
    const notes = await enableForwarding(this.#kernel, six);
    await this.applyRules();
    for (const note of notes) this.#say(note);
    for (const drop of await foreignDrops(this.#kernel, this.#options.instance)) this.#say(drop);
  }

  #rulesOf(network: Network): RulesOf[] {
    const driver = this.#state.driver(network);
    return ([4, 6] as const).flatMap((family) => {
      if (!driver.rules || !poolOf(network, family)) return [];
      return [{ family, rules: driver.rules(network, family) }];
    });
  }

  /** Joins anew the endpoints of which something is gone. */
  async #repair(record: SandboxRecord): Promise<void> {
    const { netnsPath } = record;
    if (netnsPath === undefined) return;
    for (const endpoint of record.endpoints) {
      const network = this.#state.find(endpoint.networkId);
      if (!network) continue;
      const whole = await this.#state.driver(network).isWhole(network, endpoint, netnsPath);
      if (!whole) await this.#join(record, endpoint, netnsPath);
    }
    await this.#routeBy(record);
  }

  async #settle(before: SandboxRecord, after: SandboxRecord, networkId: string): Promise<void> {
    const { find } = this.#state;
    if (gatewayEndpoint(before, find)?.networkId !== gatewayEndpoint(after, find)?.networkId) {
      await this.#routeBy(after);
    }
    const publishing = (record: SandboxRecord) => publishingEndpoint(record, find)?.networkId;
    if (publishing(before) !== publishing(after)) await this.#republish([before, after]);
    await this.publishNames([networkId]);
  }

  /** Explicitly: of a dead namespace the kernel takes the interfaces only some time later. */
  async #leaveAll(record: SandboxRecord): Promise<void> {
    for (const endpoint of record.endpoints) await this.#leave(record, endpoint);
  }

  async #leave({ netnsPath }: SandboxRecord, endpoint: EndpointRecord): Promise<void> {
    const network = this.#state.find(endpoint.networkId);
    if (!network || netnsPath === undefined) return;
    await this.#state.driver(network).leave(network, endpoint, netnsPath);
  }

  /** Lets the driver do it, and keeps what it chose itself. */
  async #join(record: SandboxRecord, endpoint: EndpointRecord, netnsPath: string): Promise<void> {
    const network = this.#state.find(endpoint.networkId);
    if (!network) return;
    const joined = await this.#state.driver(network).join(network, endpoint, netnsPath);
    if (Object.keys(joined).length === 0) return;
    Object.assign(endpoint, joined);
    await this.#state.keep(record);
  }

  /** The default routes of an earlier gateway endpoint went away with its interface. */
  async #routeBy(record: SandboxRecord): Promise<void> {
    if (record.netnsPath === undefined) return;
    const inside = this.#kernel.inside(record.netnsPath);
    const endpoint = gatewayEndpoint(record, this.#state.find);
    const link = endpoint && (await inside.link(endpoint.interfaceName));
    const requests: KernelRequest[] = [];
    for (const family of [4, 6] as const) {
      const text = family === 4 ? endpoint?.gateway : endpoint?.ipv6Gateway;
      const gateway = parseAddress(text ?? "");
      if (gateway && link) requests.push(addDefaultRoute(gateway, link.index));
    }
    await inside.route(requests);
  }

  /** Applies the rules when one of the records publishes ports, and frees their old senders. */
  async #republish(records: SandboxRecord[]): Promise<void> {
    const ports = records.flatMap((record) => publishedPorts(record, this.#state.find));
    if (ports.length === 0) return;
    await this.applyRules();
    const udp = ports.filter(({ protocol }) => protocol === "udp");
    for (const family of [4, 6] as const) {
      await this.#forgetConnections(
        family,
        udp.filter(({ target }) => target.family === family),
      );
    }
  }

  async #forgetConnections(family: Address["family"], ports: StalePort[]): Promise<void> {
    if (ports.length === 0) return;
    try {
      const [reply] = await this.#kernel.netfilter([listConnections(family)]);
      await this.#kernel.netfilter(deleteStale(reply ?? Buffer.alloc(0), family, ports));
    } catch (error) {
      // Without ctnetlink in the kernel, old UDP senders are led astray until they pause.
      this.#say(`old UDP connections could not be forgotten: ${(error as Error).message}`);
    }
  }

  #say(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#options.warn(line);
  }
}
