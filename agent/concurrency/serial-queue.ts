// Runs one piece of work after the other, in the order in which they were asked for.

export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the work when all before it is done; its failure is its caller's, and stops nothing. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** A queue for each name, as long as anything is in it. */
export class SerialQueues {
  readonly #queues = new Map<string, { queue: SerialQueue; users: number }>();

  /** Runs the work when all before it under the same name is done. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const entry = this.#queues.get(name) ?? { queue: new SerialQueue(), users: 0 };
    this.#queues.set(name, entry);
    entry.users += 1;
    try {
      return await entry.queue.run(work);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.#queues.delete(name);
    }
  }
}
