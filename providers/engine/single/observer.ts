// Looks at a host once for all the objects on it that are asked for at the same time.

import type { Kind } from "../../../resources/kinds/registry.ts";
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import type { EngineClient } from "../engine.ts";
import { NO_PROJECT, observeHost } from "../reconcile/observing.ts";
import type { SeenOf } from "./definition.ts";
import { type Identity, identified } from "./object.ts";

/** A host that can be looked at. */
export interface Visible {
  connectReadOnly(signal?: AbortSignal): Promise<EngineClient>;
}

interface Round {
  names: Record<string, string[]>;
  answer: Promise<{ host: ObservedHost; engine: EngineClient }>;
}

// Tools ask for many resources at once; what arrives in this time shares one look.
const GATHER_MS = 5;

export class Observer {
  readonly #rounds = new Map<Visible, Round>();

  /** The object that is known, and all that was seen; undefined for none. */
  async see<K extends Kind>(
    connection: Visible,
    kind: K,
    name: string,
    known: Identity = {},
  ): Promise<{ seen: SeenOf<K> | undefined; host: ObservedHost }> {
    const { host, engine } = await this.#round(connection, kind, name);
    return { seen: await identified(engine, host, kind, name, known), host };
  }

  #round(connection: Visible, kind: Kind, name: string): Round["answer"] {
    let round = this.#rounds.get(connection);
    if (!round) {
      const names = {};
      round = { names, answer: this.#observe(connection, names) };
      this.#rounds.set(connection, round);
    }
    round.names[kind] = [...(round.names[kind] ?? []), name];
    return round.answer;
  }

  async #observe(connection: Visible, names: Round["names"]): Round["answer"] {
    let engine: EngineClient;
    try {
      engine = await connection.connectReadOnly();
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    } finally {
      // Whoever comes now starts the next round: this one is asked.
      this.#rounds.delete(connection);
    }
    return { engine, host: await observeHost(engine, { project: NO_PROJECT, names }) };
  }
}
