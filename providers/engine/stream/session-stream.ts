// A command on a host as a stream: its output is read, its input written, and its exit awaited.
import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ChannelStream } from "./channel-stream.ts";

export class SessionStream extends ChannelStream {
  /** The exit status, or 128 + the signal's number; rejects when the connection breaks first. */
  readonly exitCode: Promise<number>;
  readonly #session: ClientChannel;
  #code: number | undefined;

  /** The host is called `name` in messages; `cause` is that of ChannelStream. */
  constructor(channel: ClientChannel, cause: () => Error | undefined, name: string) {
    super(channel, cause);
    this.#session = channel;
    const noteExit = (status?: number | null, signal?: string) => {
      if (status === undefined) return;
      this.#code ??= status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    };
    channel.on("exit", noteExit);
    // Of an answer that comes at once, "exit" is over before anybody holds the channel; "close"
    // says the same again, and those that ask at the close are to know it.
    channel.prependListener("close", noteExit);
    this.exitCode = new Promise((resolve, reject) => {
      // "close" comes after the last byte of output, "exit" may come before it.
      channel.on("close", () => {
        const broken = cause();
        if (broken) reject(broken);
        else if (this.#code !== undefined) resolve(this.#code);
        else reject(unknownEnd(name));
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
    name: string,
    failed: (code: number, notice: string) => Error,
  ) {
    super(channel, cause, name);
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

// The server closed the channel by itself: an administrator ended it, or it ran out of memory.
function unknownEnd(name: string): FairleadError {
  const message = `${name}: a command ended without an exit status`;
  return new FairleadError("unavailable", message, {
    path: name,
    hint: "run the same command again; the log of the host's SSH server may say why",
  });
}
