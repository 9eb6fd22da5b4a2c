// Looks at a host once for all the resources that Terraform refreshes at the same time.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type { ObservedHost } from "../../resources/observed.ts";
import type { EngineClient } from "../engine/engine.ts";
import { inspectIfThere, observe } from "../engine/observe.ts";
import type { Connection } from "./connections.ts";

export type ObjectKind = "container" | "network" | "volume" | "image";

export interface SeenOf {
  container: ContainerInspectResponse;
  network: NetworkInspect;
  volume: Volume;
  image: ImageInspect;
}

interface Round {
  names: Record<`${ObjectKind}s`, string[]>;
  answer: Promise<{ host: ObservedHost; engine: EngineClient }>;
}

// Terraform asks for up to ten resources at once; what arrives in this time shares one look.
const GATHER_MS = 5;
// No project has this name, so that only what is asked for is answered.
const NO_PROJECT = ".";

export class Observer {
  readonly #rounds = new Map<Connection, Round>();

  /** The object of a name, and the engine that shows it; undefined when there is none. */
  async see<K extends ObjectKind>(
    connection: Connection,
    kind: K,
    name: string,
    id?: string,
  ): Promise<{ seen: SeenOf[K] | undefined; host: ObservedHost }> {
    const { host, engine } = await this.#round(connection, kind, name);
    const found = pick(host, kind, name) as SeenOf[K] | undefined;
    if (found || id === undefined || (kind !== "container" && kind !== "network")) {
      return { seen: found, host };
    }
    // It may have been renamed by hand.
    const path = kind === "container" ? `/containers/${id}/json` : `/networks/${id}`;
    return { seen: await inspectIfThere<SeenOf[K]>(engine, path), host };
  }

  #round(connection: Connection, kind: ObjectKind, name: string): Round["answer"] {
    let round = this.#rounds.get(connection);
    if (!round) {
      const names = { containers: [], networks: [], volumes: [], images: [] };
      round = { names, answer: this.#look(connection, names) };
      this.#rounds.set(connection, round);
    }
    round.names[`${kind}s`].push(name);
    return round.answer;
  }

  async #look(connection: Connection, names: Round["names"]): Round["answer"] {
    let engine: EngineClient;
    try {
      engine = await connection.look();
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    } finally {
      // Whoever comes now starts the next round: this one is asked.
      this.#rounds.delete(connection);
    }
    return { engine, host: await observe(engine, { project: NO_PROJECT, ...names }) };
  }
}

function pick(host: ObservedHost, kind: ObjectKind, name: string): SeenOf[ObjectKind] | undefined {
  switch (kind) {
    case "container":
      return host.containers.find(({ Name }) => Name?.replace(/^\//, "") === name);
    case "network":
      return host.networks.find((one) => one.Name === name);
    case "volume":
      return host.volumes.find((one) => one.Name === name);
    case "image":
      return host.images.get(name);
  }
}
