// Sends the lines of one container to its receiver, from the file that the shim writes. Whatever
// the receiver does, the container notices nothing: lines wait in the file, as long as it has room.
import { randomBytes } from "node:crypto";
import type { LogLine, LogReceiver } from "./driver/driver.ts";
import { bytesAfter, type LogFiles } from "./file/files.ts";
import { type LogChunk, type LogEntry, LogFollower, type LogPosition } from "./file/follower.ts";

export interface ForwarderParts {
  files: LogFiles;
  receiver: LogReceiver;
  /** Where an earlier one stopped. */
  from: LogPosition | undefined;
  /** Remembers where to go on. */
  save: (position: LogPosition) => Promise<void>;
  /** True as long as more may be written. */
  alive: () => boolean;
  report: (line: string) => void;
}

/** A watch may be missing, so growth is looked for now and then anyway. */
const POLL_MS = 5000;
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** A position that is older than what was sent only means that some of it is sent twice. */
const SAVE_MS = 1000;
const REPORT_MS = 60_000;

export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #follower: LogFollower;
  readonly #parted = new PartedLines();
  readonly #end: Promise<void>;
  #position: LogPosition | undefined;
  #saved: LogPosition | undefined;
  #savedAt = 0;
  #unsaved = false;
  #failures = 0;
  #given = 0;
  #reportedAt = 0;
  #finishing = false;
  #stopped = false;
  #interrupt: () => void = () => undefined;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
    this.#follower = new LogFollower(parts.files);
    this.#position = parts.from;
    this.#saved = parts.from;
    this.#end = this.#run().catch((error: Error) => parts.report(error.stack ?? error.message));
  }

  /** Resolves when it has ended: all is sent and nothing more comes, or it was stopped. */
  get ended(): Promise<void> {
    return this.#end;
  }

  /** Looks again, after the container's state has changed. */
  wake(): void {
    this.#follower.wake();
  }

  /** Sends what is there and ends; does not wait for a receiver that fails. */
  async finish(timeoutMs: number): Promise<void> {
    this.#finishing = true;
    this.wake();
    this.#interrupt();
    const timer = setTimeout(() => this.stop(), timeoutMs);
    await this.#end;
    clearTimeout(timer);
  }

  /** Ends at once; what was not sent is sent by the next one. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    this.#interrupt();
    this.#parts.receiver.close();
    return this.#end;
  }

  async #run(): Promise<void> {
    try {
      await this.#follower.seek(this.#parts.from);
      for (;;) {
        // Asked before reading: what was written before the end is read after it.
        const more = this.#parts.alive() && !this.#finishing;
        const chunk = await this.#follower.next();
        if (this.#stopped) return;
        if (chunk) {
          if (!(await this.#deliver(chunk))) return;
        } else if (more) {
          await this.#save();
          await this.#follower.wait(POLL_MS);
        } else {
          return;
        }
      }
    } finally {
      await this.#save();
      this.#parts.receiver.close();
      await this.#follower.close();
    }
  }

  /** False when it was stopped before the receiver had them. */
  async #deliver({ entries, position }: LogChunk): Promise<boolean> {
    // As dockerd does: a receiver has no use for an empty line.
    const lines = entries.flatMap((entry) => this.#parted.lineOf(entry));
    while (lines.length > 0) {
      try {
        await this.#parts.receiver.send(lines);
        this.#succeeded();
        break;
      } catch (error) {
        if (!(await this.#failed(error as Error, lines))) return false;
        if (this.#failures === 0) break;
      }
    }
    this.#position = position;
    if (Date.now() - this.#savedAt > SAVE_MS) await this.#save();
    return true;
  }

  #succeeded(): void {
    if (this.#failures > 0) this.#parts.report("its lines reach their receiver again");
    this.#reportGiven();
    this.#failures = 0;
  }

  /** Waits for the next attempt, or gives the lines up; false when there shall be none. */
  async #failed(error: Error, lines: LogLine[]): Promise<boolean> {
    if (this.#stopped || this.#finishing) {
      this.#parts.report(`lines were not sent to their receiver: ${error.message}`);
      return false;
    }
    const { receiver, files, report } = this.#parts;
    if (this.#failures === 0 && this.#given === 0) {
      report(`its lines wait for their receiver: ${error.message}`);
    }
    this.#failures += 1;
    const { maxRetries, backlogBytes, retryMs = RETRY_MS } = receiver;
    const tired = maxRetries !== undefined && this.#failures > maxRetries;
    const full =
      backlogBytes !== undefined && (await bytesAfter(files, this.#position)) > backlogBytes;
    if (tired || full) {
      this.#given += lines.length;
      this.#reportGiven();
      this.#failures = 0;
      return true;
    }
    await this.#pause(Math.min(retryMs * 2 ** (this.#failures - 1), LONGEST_RETRY_MS));
    return !this.#stopped;
  }

  /** At most once a minute: who cannot take lines is not told about each of them. */
  #reportGiven(): void {
    if (this.#given === 0 || Date.now() - this.#reportedAt < REPORT_MS) return;
    this.#parts.report(`${this.#given} lines were given up: their receiver did not take them`);
    this.#given = 0;
    this.#reportedAt = Date.now();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #save(): Promise<void> {
    if (!this.#position || this.#position === this.#saved) return;
    const position = this.#position;
    this.#savedAt = Date.now();
    try {
      await this.#parts.save(position);
      this.#saved = position;
    } catch (error) {
      // A full disk must not keep lines from their receiver; some may be sent twice.
      if (!this.#unsaved) this.#parts.report(`how far was sent: ${(error as Error).message}`);
      this.#unsaved = true;
    }
  }
}

/** Knows which lines are parts of one: those before it had no newline. */
class PartedLines {
  readonly #open = new Map<string, { id: string; ordinal: number; time: string }>();

  lineOf({ stream, text, time }: LogEntry): LogLine[] {
    const whole = text.endsWith("\n");
    const line = whole ? text.slice(0, text.endsWith("\r\n") ? -2 : -1) : text;
    const open = this.#open.get(stream);
    if (whole && !open) return line === "" ? [] : [{ stream, text: line, time }];
    const { id, ordinal, ...first } = open ?? { id: newId(), ordinal: 0, time };
    if (whole) this.#open.delete(stream);
    else this.#open.set(stream, { id, ordinal: ordinal + 1, ...first });
    const part = { id, ordinal: ordinal + 1, last: whole };
    return [{ stream, text: line, time: first.time, part }];
  }
}

function newId(): string {
  return randomBytes(32).toString("hex");
}
