// Bounded concurrency: slots, and maps over lists that never run more than so many at once.

/** So many may hold a slot at once; the others wait in turn. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the work while it holds a slot. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  /** For who holds a slot: lets another have it while the work only waits. */
  async lent<T>(work: () => Promise<T>): Promise<T> {
    this.#give();
    try {
      return await work();
    } finally {
      await this.#take();
    }
  }

  async #take(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

/** Every item through the work, at most `limit` at once, results in the order of the items. */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const slots = new Slots(limit);
  return Promise.all(items.map((item) => slots.during(() => work(item))));
}
