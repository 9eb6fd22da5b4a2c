// Stops and restarts many containers of one engine at once. Ours goes on without a connection for
// each, and one request waits for all; others answer when it is over, and get a bounded number.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type EndedAnswer, endedAnswer } from "../../../resources/wire.ts";
import { overdue, within } from "../deadline.ts";
import type { EngineClient } from "../engine.ts";
import { Slots } from "../executor/bounded.ts";
import { Waiting } from "../waiting.ts";

export interface StopOptions {
  /** Seconds until it is killed; the container's own by default. */
  timeout?: number | undefined;
  /** The grace period that the container has of its own, where it is known. */
  graceMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Stops it; one that has stopped is fine. */
export async function stop(engine: EngineClient, id: string, options: StopOptions): Promise<void> {
  try {
    await stoppingOn(engine).end(id, "stop", options);
  } catch (error) {
    if (!(error instanceof FairleadError && error.code === "not_modified")) throw error;
  }
}

/** Stops and starts it. */
export function restart(engine: EngineClient, id: string, options: StopOptions): Promise<void> {
  return stoppingOn(engine).end(id, "restart", options);
}

/** Beyond the grace period: for the kill, and for what the container held to be given back. */
const MARGIN_MS = 30_000;
/** A grace period that nobody has told: it is the container's own, and none waits an hour. */
const UNKNOWN_GRACE_MS = 3_600_000;
const ASKED_AT_ONCE = 4096;

type Settle = (error?: FairleadError) => void;

const stoppingOf = new WeakMap<EngineClient, Stopping>();

function stoppingOn(engine: EngineClient): Stopping {
  const known = stoppingOf.get(engine) ?? new Stopping(engine);
  stoppingOf.set(engine, known);
  return known;
}

class Stopping {
  readonly #engine: EngineClient;
  readonly #slots: Slots;
  readonly #pending = new Map<string, Settle>();
  #isAsking = false;

  constructor(engine: EngineClient) {
    this.#engine = engine;
    // Half of the streams, so that other requests get through.
    this.#slots = new Slots(Math.max(1, Math.floor(engine.streamsAtOnce / 2)));
  }

  async end(container: string, verb: "stop" | "restart", options: StopOptions): Promise<void> {
    const { timeout, graceMs = UNKNOWN_GRACE_MS, signal } = options;
    const patienceMs = (timeout === undefined ? graceMs : timeout * 1000) + MARGIN_MS;
    const begun = await this.#slots.during(() =>
      this.#engine.json<{ pending?: unknown } | undefined>({
        method: "POST",
        path: `/containers/${encodeURIComponent(container)}/${verb}`,
        query: { t: timeout },
        headers: { prefer: "respond-async" },
        step: `waiting for containers to ${verb}`,
        idleTimeoutMs: patienceMs,
        signal,
      }),
    );
    if (typeof begun?.pending !== "string") return;
    await this.#until(begun.pending, `${verb} of ${container}`, patienceMs, signal);
  }

  #until(id: string, step: string, patienceMs: number, outer: AbortSignal | undefined) {
    const late = () => overdue(this.#engine.host, step, patienceMs);
    return within(patienceMs, late, outer, async (signal) => {
      signal.throwIfAborted();
      const forget = () => this.#pending.delete(id);
      signal.addEventListener("abort", forget, { once: true });
      try {
        await new Promise<void>((resolve, reject) => {
          this.#pending.set(id, (error) => (error === undefined ? resolve() : reject(error)));
          void this.#ask();
        });
      } finally {
        signal.removeEventListener("abort", forget);
        forget();
      }
    });
  }

  /** One request after the other as long as anything is pending; never rejects. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const waiting = new Waiting("waiting for containers to end", this.#engine.onWait);
    try {
      while (this.#pending.size > 0) {
        for (const { id, error } of await this.#ended()) {
          this.#pending.get(id)?.(error && this.#errorOf(error));
        }
      }
    } catch (error) {
      for (const settle of [...this.#pending.values()]) settle(asError(error));
    } finally {
      waiting.end();
      this.#isAsking = false;
    }
  }

  async #ended(): Promise<EndedAnswer["ended"]> {
    const pending = [...this.#pending.keys()].slice(0, ASKED_AT_ONCE);
    const path = "/fairlead/ended";
    const answer = await this.#engine.json({ method: "POST", path, body: { pending } });
    return endedAnswer.parse(answer).ended;
  }

  #errorOf({ code, message }: { code: FairleadError["code"]; message: string }): FairleadError {
    return new FairleadError(code, `${this.#engine.host}: ${message}`);
  }
}

function asError(error: unknown): FairleadError {
  if (error instanceof FairleadError) return error;
  return new FairleadError("internal", String(error), { cause: error });
}
