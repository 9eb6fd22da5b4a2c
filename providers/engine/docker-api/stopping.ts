// Stops and restarts many containers of one engine at once. Ours goes on without a connection for
// each, and one request waits for all; others answer when it is over, and get a bounded number.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type EndedAnswer, endedAnswer } from "../../../resources/wire.ts";
import { allowing } from "../allowing.ts";
import { Slots } from "../concurrency/bounded.ts";
import { overdue, within } from "../deadline.ts";
import type { StopOptions } from "../engine.ts";
import { Waiting } from "../waiting.ts";
import { answerOf } from "./answer.ts";
import type { DockerClient } from "./client.ts";
import { containerPath } from "./path.ts";

/** Beyond the grace period: for the kill, and for what the container held to be given back. */
const MARGIN_MS = 30_000;
/** A grace period that nobody has told: it is the container's own, and none waits an hour. */
const UNKNOWN_GRACE_MS = 3_600_000;
const ASKED_AT_ONCE = 4096;

type Settle = (error?: FairleadError) => void;

/** The stops and restarts of one engine. */
export class Stopping {
  readonly #client: DockerClient;
  readonly #slots: Slots;
  readonly #pending = new Map<string, Settle>();
  #isAsking = false;

  constructor(client: DockerClient) {
    this.#client = client;
    // Half of the streams, so that other requests get through.
    this.#slots = new Slots(Math.max(1, Math.floor(client.streamsAtOnce / 2)));
  }

  /** Stops it; one that has stopped is fine. */
  async stop(container: string, options: StopOptions = {}): Promise<void> {
    await allowing("not_modified", this.#end(container, "stop", options));
  }

  /** Stops and starts it. */
  restart(container: string, options: StopOptions = {}): Promise<void> {
    return this.#end(container, "restart", options);
  }

  async #end(container: string, verb: "stop" | "restart", options: StopOptions): Promise<void> {
    const { timeout, graceMs = UNKNOWN_GRACE_MS, signal } = options;
    const patienceMs = (timeout === undefined ? graceMs : timeout * 1000) + MARGIN_MS;
    const begun = await this.#slots.during(() =>
      this.#client.json<{ pending?: unknown } | undefined>({
        method: "POST",
        path: containerPath(container, `/${verb}`),
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
    const late = () => overdue(this.#client.host, step, patienceMs);
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
    const waiting = new Waiting("waiting for containers to end", this.#client.onWait);
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
    const request = { method: "POST", path, body: { pending } } as const;
    return (await answerOf(this.#client, endedAnswer, request)).ended;
  }

  #errorOf({ code, message }: { code: FairleadError["code"]; message: string }): FairleadError {
    return new FairleadError(code, `${this.#client.host}: ${message}`);
  }
}

function asError(error: unknown): FairleadError {
  if (error instanceof FairleadError) return error;
  return new FairleadError("internal", String(error), { cause: error });
}
