// What a way to a host can do. Owns the interface only: ssh/ and local/ implement it, and nobody
// above asks which of the two it has.
import type { Duplex, Readable } from "node:stream";
import type { OnWait } from "../waiting.ts";

/** How a command ran; `code` is the exit status, or 128 + the signal's number when one ended it. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  /** What the command reads; nothing when absent. */
  readonly stdin?: string | Uint8Array | Readable;
  readonly signal?: AbortSignal | undefined;
  /** Run as root: directly when the user is root, else with sudo. Default false. */
  readonly become?: boolean;
  /** The most bytes kept of the output; more is an error. Default 4 MiB. */
  readonly maxOutputBytes?: number;
  /** What the command does, for messages: `installing the agent`. Default: its program's name. */
  readonly step?: string;
  /** Gives up when the host neither says nor takes anything for so long. Default 60 s. */
  readonly idleTimeoutMs?: number;
  /** Gives up so long after the last input was taken, whatever is said. Default 15 min. */
  readonly limitMs?: number;
  /** Told what a command says of its own steps: lines of its standard error, `step: TEXT`. */
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * The command that joins its standard streams to a socket, for when we may not open it directly.
 */
export type Relay = (socketPath: string) => readonly string[];

export interface Transport {
  /** For messages: `ssh://user@host:port` or `local`; never holds a secret. */
  readonly name: string;
  readonly trips: RoundTrips;
  /** How many streams can be open; more wait in turn, and not for ever. */
  readonly streamsAtOnce: number;
  /** Told of waits for the host that take longer than a second. */
  readonly onWait: OnWait | undefined;
  /** Runs a program with exactly these arguments; a non-zero exit is a result, not an error. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Joins a unix socket on the host; `unavailable` when nothing listens there. */
  openStream(socketPath: string, signal?: AbortSignal): Promise<Duplex>;
  /** Ends the connection; streams that are open break. Never fails. */
  close(): Promise<void>;
}

/** Counts sequential round trips to a host, so that a benchmark can hold us to a number. */
export class RoundTrips {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Called whenever the caller has to wait for an answer from the host. */
  add(trips: number): void {
    this.#count += trips;
  }
}
