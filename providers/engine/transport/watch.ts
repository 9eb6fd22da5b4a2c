// Watches a command on a host: how long it is silent, how long it takes, and how much it says.
// Shared by all transports, so that no command can hold up its caller for ever.
import { FairleadError } from "../../../resources/model/errors.ts";
import { Deadline, overdue, unlessAborted } from "../deadline.ts";
import { Waiting } from "../waiting.ts";
import { stepIn } from "./collect.ts";
import type { ExecOptions, Transport } from "./transport.ts";

const IDLE_MS = 60_000;
const LIMIT_MS = 15 * 60_000;
const DEFAULT_MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export class CommandWatch {
  /** Aborted when the command has to be given up. */
  readonly signal: AbortSignal;
  readonly #host: string;
  readonly #maxBytes: number;
  readonly #onStep: ExecOptions["onStep"];
  readonly #idle: Deadline;
  readonly #limit: Deadline;
  readonly #waiting: Waiting;
  #bytes = 0;
  #line = "";

  constructor(
    { name, onWait }: Pick<Transport, "name" | "onWait">,
    argv: readonly string[],
    options: ExecOptions,
  ) {
    const { idleTimeoutMs = IDLE_MS, limitMs = LIMIT_MS, signal } = options;
    const step = options.step ?? `running ${argv[0]?.split("/").at(-1)}`;
    this.#host = name;
    this.#maxBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
    this.#onStep = options.onStep;
    this.#waiting = new Waiting(step, onWait);
    this.#limit = new Deadline(limitMs, () => tooLong(name, step, limitMs), [signal]);
    const late = () => overdue(name, step, idleTimeoutMs);
    this.#idle = new Deadline(idleTimeoutMs, late, [this.#limit.signal]);
    this.signal = this.#idle.signal;
  }

  /** The host has taken some of the input: as long as it does, the command may take its time. */
  readonly tookInput = (): void => {
    this.#idle.restart();
    this.#limit.restart();
  };

  /** Counts what the command says; `invalid` when it is too much. */
  readonly said = (chunk: Buffer): void => {
    this.#idle.restart();
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#maxBytes) return;
    const message = `${this.#host}: a command wrote more than ${this.#maxBytes} bytes`;
    throw new FairleadError("invalid", message, { path: this.#host });
  };

  /** The same for its standard error, where a command of ours tells its steps. */
  readonly noticed = (chunk: Buffer): void => {
    this.said(chunk);
    const lines = (this.#line + chunk.toString("utf8")).split("\n");
    this.#line = lines.pop()!.slice(-1000);
    for (const line of lines) {
      const step = stepIn(line);
      if (step === undefined) continue;
      this.#waiting.becomes(step);
      this.#onStep?.(step);
    }
  };

  /** The work, unless the command has to be given up before. */
  during<T>(work: Promise<T>): Promise<T> {
    return unlessAborted(this.signal, work);
  }

  end(): void {
    this.#idle.end();
    this.#limit.end();
    this.#waiting.end();
  }
}

function tooLong(host: string, step: string, ms: number): FairleadError {
  const message = `${host}: not done after ${Math.round(ms / 1000)} s: ${step}`;
  return new FairleadError("unavailable", message, {
    path: host,
    hint: "check the host and its load, and run the same command again; what was done stays done",
  });
}
