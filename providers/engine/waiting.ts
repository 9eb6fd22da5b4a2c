// Tells of what is waited for, once it takes so long that a person wonders.

/** Something that has not come yet. */
export interface Wait {
  /** Such as `trying root@203.0.113.5:22, attempt 2 of 5`. */
  readonly what: string;
  readonly elapsedMs: number;
}

export type OnWait = (wait: Wait) => void;

const FIRST_MS = 1_000;
const AGAIN_MS = 10_000;

/** Tells of a wait after a second, when it becomes another one, and every ten seconds. */
export class Waiting {
  readonly #begin = Date.now();
  readonly #onWait: OnWait;
  #what: string;
  #timer: NodeJS.Timeout | undefined;
  #isTold = false;

  constructor(what: string, onWait: OnWait = () => {}) {
    this.#what = what;
    this.#onWait = onWait;
    this.#timer = setTimeout(() => this.#tell(), FIRST_MS).unref();
  }

  /** What is waited for has changed. */
  becomes(what: string): void {
    if (what === this.#what) return;
    this.#what = what;
    if (this.#isTold) this.#tell();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), AGAIN_MS).unref();
    this.#isTold = true;
    this.#onWait({ what: this.#what, elapsedMs: Date.now() - this.#begin });
  }
}
