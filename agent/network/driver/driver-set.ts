// The drivers of one controller, opened, and what they say of a network.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type NetworkSpec, upgradeSpec } from "../model/network.ts";
import type { Network, NetworkDriver, NetworkDriverEntry, NetworkHost } from "./driver.ts";

interface Opened {
  entry: NetworkDriverEntry;
  driver: NetworkDriver;
}

export class DriverSet {
  readonly #opened = new Map<string, Opened>();

  constructor(entries: readonly NetworkDriverEntry[], host: NetworkHost) {
    for (const entry of entries) {
      const networks = () => host.networks().filter(({ driver }) => driver === entry.name);
      this.#opened.set(entry.name, { entry, driver: entry.open({ ...host, networks }) });
    }
  }

  /** `unsupported` when there is none of that name. */
  named(name: string): NetworkDriver {
    return this.#require(name).driver;
  }

  /** A network as recorded, with what its driver says of it. */
  network(recorded: NetworkSpec): Network {
    const spec = upgradeSpec(recorded);
    const { entry, driver } = this.#require(spec.driver);
    const view = driver.view?.(spec);
    return {
      ...spec,
      traits: entry.traits,
      hostBinding: view?.hostBinding ?? "",
      interfacePrefix: view?.interfacePrefix ?? "eth",
    };
  }

  /** Interfaces of the host that belong to a network itself. */
  links(network: NetworkSpec): string[] {
    return this.named(network.driver).links(network);
  }

  /** Those that a network may have of which only the id is known. */
  linksOfUnreadable(networkId: string): string[] {
    return [...this.#opened.values()].flatMap(
      ({ driver }) => driver.linksOfUnreadable?.(networkId) ?? [],
    );
  }

  #require(name: string): Opened {
    const found = this.#opened.get(name);
    if (found) return found;
    throw new FairleadError(
      "unsupported",
      `the network driver ${JSON.stringify(name)} is not there`,
    );
  }
}
