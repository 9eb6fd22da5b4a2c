// A command on a host as a stream: its output is read, its input written, and its exit awaited.
import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { ChannelStream } from "./channel-stream.ts";

export class SessionStream extends ChannelStream {
  /** The exit status, or 128 + the signal's number; rejects when the connection breaks first. */
  readonly exitCode: Promise<number>;
  readonly #session: ClientChannel;
  #code: number | undefined;

  constructor(channel: ClientChannel, cause: () => Error | undefined) {
    super(channel, cause);
    this.#session = channel;
    channel.on("exit", (status: number | null, signal?: string) => {
      this.#code = status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    });
    this.exitCode = new Promise((resolve, reject) => {
      // "close" comes after the last byte of output, "exit" may come before it.
      channel.on("close", () => {
        const broken = cause();
        if (broken) reject(broken);
        else if (this.#code !== undefined) resolve(this.#code);
        else reject(new Error("the command ended without an exit status"));
      });
    });
    this.exitCode.catch(() => {});
  }

  /** Ends the command and the stream; a server older than OpenSSH 7.9 only ends the stream. */
  kill(reason: Error): void {
    this.#session.signal("KILL");
    this.destroy(reason);
  }

  /** The exit status so far. */
  protected get code(): number | undefined {
    return this.#code;
  }
}

/** A command that stands for a connection: ending with an error before its first byte is one. */
export class RelayStream extends SessionStream {
  readonly #failed: (code: number, notice: string) => Error;

  constructor(
    channel: ClientChannel,
    cause: () => Error | undefined,
    failed: (code: number, notice: string) => Error,
  ) {
    super(channel, cause);
    this.#failed = failed;
  }

  // Whether this is the end of a connection or the failure to make one is known at the close.
  protected override readingEnded(): void {
    if (this.received > 0) super.readingEnded();
    else this.exitCode.finally(() => this.push(null)).catch(() => {});
  }

  protected override failure(): Error | undefined {
    const broken = super.failure();
    if (broken || this.received > 0 || !this.code) return broken;
    return this.#failed(this.code, this.notice);
  }
}
