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
