// Bounds how many channels are open at once. A server allows few sessions (MaxSessions, 10 unless
// set), so the rest wait here in order; the bound shrinks when the server shows a smaller one.
import { FairleadError } from "../../../resources/model/errors.ts";

const MAX_WAITING = 4096;

export class Slots {
  #limit: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Waits for a free slot and takes it; returns the function that frees it, once. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#used < this.#limit) this.#used += 1;
    else await this.#wait(signal);
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      this.#used -= 1;
      this.#wake();
    };
  }

  /** Notes that the server refused one more channel than `open`; at least one stays allowed. */
  shrinkTo(open: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, open));
  }

  #wake(): void {
    if (this.#used >= this.#limit) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    // Taken here and not by the one that wakes, so that nobody gets in between.
    this.#used += 1;
    next();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      throw new FairleadError("unavailable", `more than ${MAX_WAITING} calls wait for one host`);
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        const at = this.#waiting.indexOf(go);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      const go = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(go);
    });
  }
}
