// The one way in which a wait is bounded. `AbortSignal.timeout` is not used beside it: on Node 20
// `AbortSignal.any` holds it weakly, and its timer goes with the first collection of garbage.
import { FairleadError } from "../../resources/model/errors.ts";

/** The longest that a timer of Node can wait; longer ones would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A signal with an end that its maker can move or take back. */
export class Deadline {
  readonly #stop = new AbortController();
  readonly #outer: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** Aborted after so long with what `reason` makes, or when one of the outer signals is. */
  constructor(
    ms: number,
    reason: () => unknown = timeoutError,
    outer: readonly (AbortSignal | undefined)[] = [],
  ) {
    this.#outer = outer.filter((one) => one !== undefined);
    // The timer holds the closure, and with it the signal, until it fires or is taken back.
    this.#timer = setTimeout(
      () => {
        this.#isOver = true;
        this.#abort(reason());
      },
      Math.min(ms, LONGEST_MS),
    );
    for (const one of this.#outer) {
      one.addEventListener("abort", this.#passOn, { once: true });
      if (one.aborted) this.#passOn({ target: one });
    }
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether it was time that ended it, and no outer signal. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Begins the time anew. */
  restart(): void {
    if (!this.signal.aborted) this.#timer.refresh();
  }

  /** Does not keep the process alive by itself. */
  unref(): this {
    this.#timer.unref();
    return this;
  }

  /** Takes it back: the signal stays as it is from now on. */
  end(): void {
    clearTimeout(this.#timer);
    for (const one of this.#outer) one.removeEventListener("abort", this.#passOn);
  }

  readonly #passOn = ({ target }: { target: EventTarget | null }): void => {
    this.#abort((target as AbortSignal).reason);
  };

  #abort(reason: unknown): void {
    this.end();
    this.#stop.abort(reason);
  }
}

/** A signal that is aborted after so long, or with another; for callers that cannot end it. */
export function signalWithin(ms: number, ...outer: (AbortSignal | undefined)[]): AbortSignal {
  return new Deadline(ms, timeoutError, outer).unref().signal;
}

/** The work, or the error when it takes too long, even where it pays no heed to its signal. */
export async function within<T>(
  ms: number,
  overdue: () => FairleadError,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(ms, overdue, [outer]);
  try {
    return await unlessAborted(deadline.signal, work(deadline.signal));
  } finally {
    deadline.end();
  }
}

/** What the work gives, or the signal's reason as soon as it is aborted. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** The error of a host that took too long with a step. */
export function overdue(host: string, step: string, ms: number): FairleadError {
  const time = ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
  return new FairleadError("unavailable", `${host}: no answer for ${time} while ${step}`, {
    path: host,
    hint: "check the host and its load, and run the same command again; what was done stays done",
  });
}

function timeoutError(): DOMException {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
