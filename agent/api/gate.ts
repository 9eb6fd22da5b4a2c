// Lets the early routes through at once, and holds every other request until the agent is ready:
// before that it would be told that running containers are stopped.
import type createRouter from "find-my-way";
import type { HTTPMethod } from "find-my-way";
import { FairleadError } from "../../resources/model/errors.ts";

export type Router = ReturnType<typeof createRouter>;

/** How long a request waits for the agent, and how many may. */
const WAIT_MS = 60_000;
const WAITING = 512;

export class Gate {
  readonly #early: Router;
  readonly #progress: () => string;
  readonly #waiting = new Set<() => void>();
  #all: Router | undefined;

  constructor(early: Router, progress: () => string) {
    this.#early = early;
    this.#progress = progress;
  }

  open(all: Router): void {
    this.#all = all;
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** The route of a request, when it may be answered; `unavailable` when that takes too long. */
  async find(method: HTTPMethod, path: string, signal: AbortSignal) {
    if (!this.#all) {
      const early = this.#early.find(method, path);
      if (early) return early;
      await this.#opened(signal);
    }
    return this.#all?.find(method, path) ?? null;
  }

  #opened(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= WAITING) throw this.#notReady();
    return new Promise((resolve, reject) => {
      const go = () => {
        finish();
        resolve();
      };
      const refuse = () => {
        finish();
        reject(this.#notReady());
      };
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", refuse);
        this.#waiting.delete(go);
      };
      const timer = setTimeout(refuse, WAIT_MS);
      signal.addEventListener("abort", refuse, { once: true });
      this.#waiting.add(go);
    });
  }

  #notReady(): FairleadError {
    return new FairleadError("unavailable", `the agent is not ready yet: ${this.#progress()}`, {
      hint: "try again in a moment",
    });
  }
}
