// What happened on this host: keeps the last events and hands new ones to whoever listens.
// Events are not stored; a client that was away asks with `since` within the agent's life.

export interface AgentEvent {
  type: "container" | "image" | "network" | "volume" | "daemon";
  action: string;
  id: string;
  attributes: Record<string, string>;
  /** Nanoseconds since 1970. */
  timeNano: bigint;
}

const KEPT = 1024;

/** Where drivers and objects announce what happened. */
export interface EventSink {
  publish(
    type: "container" | "image" | "network" | "volume" | "daemon",
    action: string,
    id: string,
    attributes?: Record<string, string>,
  ): void;
}

/** Every clean-up tells once how much it gave back. */
export function publishPrune(
  events: EventSink,
  type: "container" | "image" | "network" | "volume",
  bytes: number,
): void {
  events.publish(type, "prune", "", { reclaimed: String(bytes) });
}

export class EventLog {
  readonly #kept: AgentEvent[] = [];
  readonly #listeners = new Set<(event: AgentEvent) => void>();

  publish(
    type: AgentEvent["type"],
    action: string,
    id: string,
    attributes: Record<string, string> = {},
  ): void {
    const event = { type, action, id, attributes, timeNano: nowNano() };
    this.#kept.push(event);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** The kept events, oldest first. */
  past(): readonly AgentEvent[] {
    return this.#kept;
  }

  /** Calls back at every new event until the returned function is called. */
  listen(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

let last = 0n;

/** The wall clock with a counter below the millisecond, so that events keep their order. */
function nowNano(): bigint {
  const now = BigInt(Date.now()) * 1_000_000n;
  last = now > last ? now : last + 1n;
  return last;
}
