// Looks from time to time whether what networks need is still on the host, and has it repaired.
// A firewall tool that takes it away again and again is not fought: the pauses grow.

export interface WatchOptions {
  /** What is missing, in words; undefined when nothing is. */
  findMissing(): Promise<string | undefined>;
  repair(): Promise<void>;
  warn(line: string): void;
  now?(): number;
}

const EVERY_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;

export class Watch {
  readonly #options: WatchOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = EVERY_MS;
  #repairedAt = Number.NEGATIVE_INFINITY;
  #missing: string | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** What is missing and waits for its repair; undefined when all is there. */
  get missing(): string | undefined {
    return this.#missing;
  }

  /** Begins; the timer keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.check().catch((error: Error) => this.#options.warn(error.message));
    }, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks now, and repairs unless the last repair was too short a time ago. */
  async check(): Promise<void> {
    const missing = await this.#options.findMissing();
    this.#missing = missing;
    if (missing === undefined) return;
    const since = this.#now() - this.#repairedAt;
    if (since < this.#pauseMs) return;
    // What did not last as long as four pauses is likely to be taken away again.
    const again = since < 4 * this.#pauseMs;
    this.#pauseMs = again ? Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS) : EVERY_MS;
    this.#repairedAt = this.#now();
    const next = again ? `; the next repair is in ${this.#pauseMs / 1000} s at the earliest` : "";
    this.#options.warn(`${missing} was taken away by something on this host: repaired${next}`);
    await this.#options.repair();
    this.#missing = await this.#options.findMissing();
  }
}
