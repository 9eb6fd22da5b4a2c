// An SSH channel as an ordinary Node stream: errors, half-close and destroy as a socket has them.
// ssh2's own channel forgets write callbacks when it closes and ends cleanly when the line is cut.
import { Duplex, Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";

const NOTICE_BYTES = 64 * 1024;

type Done = (error?: Error | null) => void;

export class ChannelStream extends Duplex {
  readonly #channel: ClientChannel;
  readonly #cause: () => Error | undefined;
  #pending: Done | undefined;
  #notice = "";
  #received = 0;
  #onNotice: ((chunk: Buffer) => void) | undefined;

  /**
   * Wraps an open channel. `cause` is asked when the channel closes: an error means that the
   * connection under it broke, and then the stream fails instead of ending.
   */
  constructor(channel: ClientChannel, cause: () => Error | undefined) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    this.#cause = cause;
    channel.on("data", (chunk: Buffer) => {
      if (this.#received === 0) this.emit("answered");
      this.#received += chunk.length;
      if (!this.push(chunk)) channel.pause();
    });
    channel.on("end", () => {
      const broken = cause();
      if (broken) this.destroy(broken);
      else this.readingEnded();
    });
    channel.on("error", (error: Error) => this.destroy(error));
    channel.on("close", () => this.#closed());
    channel.stderr.on("data", (chunk: Buffer) => {
      if (this.#notice.length < NOTICE_BYTES) this.#notice += chunk.toString("utf8");
      try {
        this.#onNotice?.(chunk);
      } catch (error) {
        this.destroy(error as Error);
      }
    });
  }

  /** What a command on the other side wrote to its standard error, at most 64 KiB. */
  get notice(): string {
    return this.#notice;
  }

  /** Tells of standard error as it comes; what the listener throws ends the stream. */
  onNotice(listener: (chunk: Buffer) => void): void {
    this.#onNotice = listener;
  }

  /** Bytes that have come from the other side. */
  get received(): number {
    return this.#received;
  }

  /** The other side has sent everything. */
  protected readingEnded(): void {
    this.push(null);
  }

  /** Why the stream failed, asked when the channel closes; nothing when it ended well. */
  protected failure(): Error | undefined {
    return this.#cause();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    if (!this.#channel.writable) {
      done(this.failure() ?? brokenPipe());
      return;
    }
    this.#pending = done;
    this.#channel.write(chunk, () => this.#settle());
  }

  override _final(done: Done): void {
    if (this.#channel.writable) this.#channel.end();
    done();
  }

  /** The writing side by itself, instead of this stream's own: where it breaks, reading goes on. */
  separateInput(): Writable {
    const input = new Writable({
      write: (chunk, encoding, done) => this._write(chunk, encoding, done),
      final: (done) => this._final(done),
    });
    this.#channel.once("close", () => input.destroy());
    return input;
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#settle(error ?? brokenPipe());
    this.#channel.close();
    this.#channel.resume();
    done(error);
  }

  // A TCP socket has these four, and undici calls them; a channel has nothing to set.
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }

  #settle(error?: Error): void {
    const done = this.#pending;
    this.#pending = undefined;
    done?.(error);
  }

  #closed(): void {
    const failure = this.failure();
    if (failure) {
      this.destroy(failure);
      return;
    }
    this.#settle(brokenPipe());
    if (this.writableFinished) return;
    // The other side is gone for both directions; what it sent before can still be read.
    this.end();
  }
}

// Says nothing about the host: what listened there may just have ended.
function brokenPipe(): FairleadError {
  return new FairleadError("unavailable", "the other side closed the stream");
}
