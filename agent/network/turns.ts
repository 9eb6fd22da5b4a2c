// Lets one piece of work at a time change the networks of this host; others wait their turn.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the work when all that was asked for before is done; its failure is the caller's. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
