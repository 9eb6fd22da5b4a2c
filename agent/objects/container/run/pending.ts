// Stops and restarts that go on by themselves: a client begins many, and asks for all of them in
// one request which have ended. So what waits out a grace period takes no connection.
import { randomUUID } from "node:crypto";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { EndedAnswer } from "../../../../resources/wire.ts";

type Ended = EndedAnswer["ended"][number];

export class PendingWork {
  /** By the work's id; what nobody asks for is forgotten in time. */
  readonly #outcomes = new Map<string, Ended | "pending">();
  readonly #listeners = new Set<() => void>();

  /** Lets the work go on by itself; returns the id to ask by. */
  begin(work: () => Promise<void>): string {
    const id = randomUUID();
    this.#outcomes.set(id, "pending");
    this.#forget();
    work().then(
      () => this.#settle({ id }),
      (error: unknown) => this.#settle({ id, error: described(error) }),
    );
    return id;
  }

  /** What of these has ended, once there is any or the time is over; an outcome is told once. */
  async ended(ids: readonly string[], waitMs: number, signal: AbortSignal): Promise<Ended[]> {
    const found = this.#take(ids);
    if (found.length > 0 || ids.length === 0 || signal.aborted) return found;
    await new Promise<void>((resolve) => {
      const listener = () => {
        if (ids.some((id) => this.#outcomes.get(id) !== "pending")) finish();
      };
      const finish = () => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, waitMs);
      this.#listeners.add(listener);
      signal.addEventListener("abort", finish, { once: true });
    });
    return signal.aborted ? [] : this.#take(ids);
  }

  #take(ids: readonly string[]): Ended[] {
    const found: Ended[] = [];
    for (const id of new Set(ids)) {
      const outcome = this.#outcomes.get(id) ?? { id, error: FORGOTTEN };
      if (outcome === "pending") continue;
      this.#outcomes.delete(id);
      found.push(outcome);
    }
    return found;
  }

  #settle(ended: Ended): void {
    this.#outcomes.set(ended.id, ended);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Outcomes of clients that have left are not kept for ever. */
  #forget(): void {
    for (const [id, outcome] of this.#outcomes) {
      if (this.#outcomes.size <= MOST) return;
      if (outcome !== "pending") this.#outcomes.delete(id);
    }
  }
}

const MOST = 10_000;
const FORGOTTEN: NonNullable<Ended["error"]> = {
  code: "unavailable",
  message: "the agent was started anew meanwhile, or was asked too late: how it ended is unknown",
};

function described(error: unknown): NonNullable<Ended["error"]> {
  const code = error instanceof FairleadError ? error.code : "internal";
  return { code, message: error instanceof Error ? error.message : String(error) };
}
