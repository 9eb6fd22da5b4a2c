// What a project had on each host when a run first asked: what a killed run left does not come
// later, and one look serves everything that is made.
import type { ObservedHost } from "../../../resources/plan/observed.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { observeHost } from "../../engine/reconcile/observing.ts";
import type { Connection } from "../settings.ts";

export class InitialObservation {
  readonly #seen = new Map<string, Promise<ObservedHost>>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The same answer for everyone; after a failure the next one asks again. */
  of({ name }: Connection, engine: EngineClient, project: string): Promise<ObservedHost> {
    const key = JSON.stringify([name, project]);
    const known = this.#seen.get(key);
    if (known) return known;
    const seen = observeHost(engine, { project }, { signal: this.#signal });
    this.#seen.set(key, seen);
    seen.catch(() => this.#seen.delete(key));
    return seen;
  }
}
