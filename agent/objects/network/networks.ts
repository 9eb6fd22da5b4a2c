// All networks of this agent: made, found, listed and removed, with a record for each.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import type { NetworkCreateRequest } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type UnreadableRecord, unreadableText } from "../../../resources/wire.ts";
import { SerialQueue } from "../../concurrency/serial-queue.ts";
import type { Attached, NetworkController } from "../../network/controller.ts";
import type { NetworkDriverEntry } from "../../network/driver/driver.ts";
import { checkPool, chooseSubnet, uniqueLocalSubnet } from "../../network/ipam/pool.ts";
import { formatSubnet } from "../../network/model/ip.ts";
import { type AddressPool, type NetworkSpec, upgradeSpec } from "../../network/model/network.ts";
import { writeRecord } from "../../state/record.ts";
import type { RecordStore } from "../../state/record-store.ts";
import { publishPrune } from "../event.ts";
import { editLabels, type LabelEdits } from "../labels.ts";
import { type NetworkRecord, networkForm } from "./network.ts";
import { PREDEFINED, PREDEFINED_NAMES } from "./predefined.ts";
import { type NetworkRequest, poolWithGateway, readNetworkRequest } from "./request.ts";
import { salvageName, salvageNetwork } from "./salvage.ts";

export interface NetworksOptions {
  /** The agent's `--root` directory. */
  root: string;
  instance: string;
  controller: NetworkController;
  records: RecordStore;
  /** Told what a person should know about this host. */
  warn(line: string): void;
  events: {
    publish(type: "network", action: string, id: string, attributes?: Record<string, string>): void;
  };
}

/** With what follows the name of one that is set aside. */
const FILE_NAME = /^([0-9a-f]{64})\.json/;

export class Networks {
  readonly #options: NetworksOptions;
  readonly #directory: string;
  readonly #records = new Map<string, NetworkRecord>();
  /** Names of networks that nobody knows enough of to use them. */
  readonly #unreadable = new Map<string, UnreadableRecord>();
  readonly #queue = new SerialQueue();

  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#directory = `${options.root}/networks`;
  }

  /** Gives the records to the controller; makes bridge, host and none where they are missing. */
  async load(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const files = await readdir(this.#directory);
    for (const id of new Set(files.map((file) => FILE_NAME.exec(file)?.[1]))) {
      if (id !== undefined) await this.#load(id);
    }
    for (const { name, driver } of PREDEFINED) {
      if (this.all().some(({ spec }) => spec.name === name)) continue;
      // A host whose kernel cannot have bridges still runs containers in its own network.
      await this.#predefine(name, driver).catch((error: Error) => {
        this.#options.warn(`network ${name} could not be made: ${error.message}`);
      });
    }
  }

  async #load(id: string): Promise<void> {
    const { controller, records, instance } = this.#options;
    const path = this.#path(id);
    const reading = await records.read(networkForm, path, ({ spec }) => spec.id === id);
    if (!reading) return;
    if ("record" in reading) {
      const record = { ...reading.record, spec: upgradeSpec(reading.record.spec) };
      try {
        controller.restoreNetwork(record.spec);
        this.#records.set(id, record);
      } catch (error) {
        this.#options.warn(
          `network ${record.spec.name} is left alone: ${(error as Error).message}`,
        );
      }
      return;
    }
    const text = await readFile(reading.unreadable.setAside, "utf8").catch(() => "");
    const endpoints = await controller.recordedEndpoints(id);
    const remains = { id, instance, text, endpoints };
    const name = salvageName(remains);
    const known = this.all().some(({ spec }) => spec.name === name);
    const record = known ? undefined : salvageNetwork(remains);
    if (record) {
      await this.#save(record);
      controller.restoreNetwork(record.spec);
      return;
    }
    controller.keepUnreadable(id, name, unreadableText(reading.unreadable));
    // The networks that every host has are made anew.
    if (name !== undefined && !PREDEFINED_NAMES.includes(name))
      this.#unreadable.set(name, reading.unreadable);
  }

  all(): NetworkRecord[] {
    return [...this.#records.values()];
  }

  /** By id, name or unique beginning of an id; undefined when there is none. */
  find(reference: string): NetworkRecord | undefined {
    const named = this.all().find(({ spec }) => spec.name === reference);
    const exact = this.#records.get(reference) ?? named;
    if (exact || !/^[0-9a-f]{1,63}$/.test(reference)) return exact;
    const matching = this.all().filter(({ spec }) => spec.id.startsWith(reference));
    if (matching.length > 1) {
      throw new FairleadError("invalid", `network ${reference} is ambiguous`, {
        hint: "give more of the id, or the name",
      });
    }
    return matching[0];
  }

  /** The network, or `not_found` in Docker's words. */
  require(reference: string): NetworkRecord {
    const found = this.find(reference);
    if (found) return found;
    this.#refuseUnreadable(reference);
    throw new FairleadError("not_found", `network ${reference} not found`);
  }

  /** The containers that run in a network. */
  attached(record: NetworkRecord): Attached[] {
    return this.#options.controller.attached(record.spec.id);
  }

  /** Makes a network; `conflict` when the name or the subnet is taken. */
  create(request: NetworkCreateRequest): Promise<NetworkRecord> {
    const wanted = readNetworkRequest(request);
    return this.#queue.run(async () => {
      this.#refuseUnreadable(wanted.name);
      if (this.all().some(({ spec }) => spec.name === wanted.name)) {
        const message = `network with name ${wanted.name} already exists`;
        throw new FairleadError("conflict", message, { path: "Name" });
      }
      const record = await this.#make(wanted, false);
      this.#announce("create", record);
      return record;
    });
  }

  /** `forbidden` for bridge, host and none, `conflict` while a container runs in it. */
  remove(reference: string): Promise<void> {
    return this.#queue.run(() => this.#remove(this.require(reference)));
  }

  /** Removes those that no running container uses and that `wanted` accepts; their names. */
  prune(wanted: (record: NetworkRecord) => boolean): Promise<string[]> {
    return this.#queue.run(async () => {
      const unused = this.all().filter(
        (record) => !isPredefined(record) && this.attached(record).length === 0 && wanted(record),
      );
      for (const record of unused) await this.#remove(record);
      publishPrune(this.#options.events, "network", 0);
      return unused.map(({ spec }) => spec.name);
    });
  }

  /** Edits labels; nothing else changes. `conflict` when one is not as the edit expects it. */
  relabel(reference: string, edits: LabelEdits): Promise<void> {
    return this.#queue.run(async () => {
      const record = this.require(reference);
      const labels = editLabels(record.spec.name, record.labels, edits);
      await this.#save({ ...record, labels });
    });
  }

  async #make(wanted: NetworkRequest, predefined: boolean): Promise<NetworkRecord> {
    const { controller, instance } = this.#options;
    const { driver, ipv4, ipv6, attachable, labels } = wanted;
    const id = randomBytes(32).toString("hex");
    const { traits } = driver;
    const settings = driver.readOptions(wanted.driverOptions, { id, instance, predefined, ipv6 });
    const spec: NetworkSpec = await controller.admit({
      id,
      name: wanted.name,
      driver: driver.name,
      internal: wanted.internal,
      pools: traits.addresses ? await this.#pools(wanted, id) : [],
      nameResolution: traits.resolvesNames && !predefined,
      settings,
    });
    const shown = predefined ? driver.predefined?.options?.(settings) : wanted.options;
    const options = shown ?? {};
    const record = { spec, created: now(), attachable, ipv4, ipv6, options, labels };
    await controller.addNetwork(spec);
    try {
      await this.#save(record);
    } catch (error) {
      await controller.removeNetwork(id);
      throw error;
    }
    return record;
  }

  async #pools(wanted: NetworkRequest, id: string): Promise<AddressPool[]> {
    const { routed } = wanted.driver.traits;
    const taken = await this.#options.controller.takenSubnets("host too");
    // A network that the host does not route may well be one that the host is a station of.
    const others = routed ? taken : await this.#options.controller.takenSubnets("networks");
    for (const pool of wanted.pools) checkPool(pool, others);
    const missing = (family: 4 | 6) =>
      wanted[`ipv${family}`] &&
      !wanted.pools.some(({ subnet }) => subnet.includes(":") === (family === 6));
    const pools = [...wanted.pools];
    if (missing(4)) pools.push(poolWithGateway({ Subnet: formatSubnet(chooseSubnet(taken)) }));
    if (missing(6)) pools.push(poolWithGateway({ Subnet: formatSubnet(uniqueLocalSubnet(id)) }));
    return pools;
  }

  async #predefine(name: string, driver: NetworkDriverEntry): Promise<void> {
    await this.#make({ ...readNetworkRequest({ Name: name }), driver }, true);
  }

  async #remove(record: NetworkRecord): Promise<void> {
    const { id, name } = record.spec;
    if (isPredefined(record)) {
      const message = `${name} is a pre-defined network and cannot be removed`;
      throw new FairleadError("forbidden", message);
    }
    await this.#options.controller.removeNetwork(id);
    await rm(this.#path(id), { force: true });
    this.#records.delete(id);
    this.#announce("destroy", record);
  }

  async #save(record: NetworkRecord): Promise<void> {
    await writeRecord(networkForm, this.#path(record.spec.id), record);
    this.#records.set(record.spec.id, record);
  }

  #path(id: string): string {
    return `${this.#directory}/${id}.json`;
  }

  #refuseUnreadable(name: string): void {
    const unreadable = this.#unreadable.get(name);
    if (!unreadable) return;
    const { setAside: path } = unreadable;
    throw new FairleadError("conflict", `network ${name}: ${unreadableText(unreadable)}`, { path });
  }

  #announce(action: string, record: NetworkRecord): void {
    const { id, name, driver } = record.spec;
    this.#options.events.publish("network", action, id, { name, type: driver });
  }
}

function isPredefined({ spec }: NetworkRecord): boolean {
  return PREDEFINED_NAMES.includes(spec.name);
}

function now(): string {
  return new Date().toISOString().replace("Z", "000000Z");
}
