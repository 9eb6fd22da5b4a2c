// Follows a log that grows, across its rotations, from any place in it. Readers and receivers share
// it: what they do with the lines is their own affair.
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { type LogFiles, type OpenLogFile, openAll, openNewer } from "./files.ts";

/** A place between two lines. */
export interface LogPosition {
  file: string;
  offset: number;
}

export interface LogEntry {
  stream: "stdout" | "stderr";
  /** With its newline; one without was cut there, or its stream ended. */
  text: string;
  /** RFC 3339 with nanoseconds. */
  time: string;
  /** What the driver's options put beside the line. */
  attributes?: Record<string, string>;
}

/** Lines that were read together, and where the next ones begin. */
export interface LogChunk {
  entries: LogEntry[];
  position: LogPosition;
}

const BLOCK_BYTES = 64 * 1024;
/** Docker splits lines at 16 KiB, so a longer one is damage. */
const LINE_LIMIT_BYTES = 1024 * 1024;

export class LogFollower {
  readonly #files: LogFiles;
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #file: OpenLogFile | undefined;
  #offset = 0;
  #lines = new Lines();
  #watcher: FSWatcher | undefined;
  #wake: () => void = () => undefined;
  #changed = false;

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** Goes on in a file that somebody has opened, which it closes then. */
  resume(file: OpenLogFile, offset: number): void {
    this.#file = file;
    this.#offset = offset;
  }

  /** Goes to a place; where its file is gone, to the oldest line that is left. */
  async seek(position: LogPosition | undefined): Promise<void> {
    const all = await openAll(this.#files);
    const found = all.find(({ id }) => id === position?.file);
    const chosen = found ?? all[0];
    for (const file of all) if (file !== chosen) await file.handle.close();
    const size = chosen ? (await chosen.handle.stat()).size : 0;
    const offset = found && position && position.offset <= size ? position.offset : 0;
    if (chosen) this.resume(chosen, offset);
  }

  /** What comes next; undefined when nothing more is there now. */
  async next(): Promise<LogChunk | undefined> {
    for (;;) {
      const chunk = await this.#read();
      if (chunk) return chunk;
      const id = this.#file?.id ?? "";
      const newer = await openNewer(this.#files, id);
      if (!newer) return undefined;
      // What was written between the last reading and the rotation.
      const rest = await this.#read();
      if (rest) {
        await newer.handle.close();
        return rest;
      }
      await this.#file?.handle.close();
      this.#file = newer;
      this.#offset = 0;
      this.#lines = new Lines();
    }
  }

  /** Wakes at a change in the log's folder, at `wake`, and after so long. */
  async wait(timeoutMs: number): Promise<void> {
    this.#watch();
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#changed = false;
  }

  /** Ends a wait, or the next one. */
  wake(): void {
    this.#changed = true;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    await this.#file?.handle.close().catch(() => undefined);
    this.#file = undefined;
  }

  async #read(): Promise<LogChunk | undefined> {
    while (this.#file) {
      const { handle, id } = this.#file;
      const { bytesRead } = await handle.read(this.#block, 0, BLOCK_BYTES, this.#offset);
      if (bytesRead === 0) return undefined;
      this.#offset += bytesRead;
      const lines = [...this.#lines.add(this.#block.subarray(0, bytesRead))];
      const offset = this.#offset - this.#lines.unfinishedBytes;
      const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
      if (lines.length > 0) return { entries, position: { file: id, offset } };
    }
    return undefined;
  }

  #watch(): void {
    if (this.#watcher) return;
    try {
      this.#watcher = watch(dirname(this.#files.path), { persistent: false }, () => this.wake());
      this.#watcher.on("error", () => undefined);
      // What came before the watch began is looked for at once.
      this.#changed = true;
    } catch {
      // Too many are watched: the timeout remains.
    }
  }
}

/** Cuts a stream of bytes into lines; an unfinished last line waits for the rest. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0);

  get unfinishedBytes(): number {
    return this.#rest.length;
  }

  *add(bytes: Buffer): Generator<string> {
    let all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (let at = all.indexOf(10); at >= 0; at = all.indexOf(10)) {
      yield all.toString("utf8", 0, at);
      all = all.subarray(at + 1);
    }
    this.#rest = all.length > LINE_LIMIT_BYTES ? Buffer.alloc(0) : Buffer.from(all);
  }
}

export function parseLine(line: string): LogEntry | undefined {
  try {
    const { log, stream, time, attrs } = JSON.parse(line) as Record<string, unknown>;
    if (typeof log !== "string" || typeof time !== "string") return undefined;
    return {
      stream: stream === "stderr" ? "stderr" : "stdout",
      ...{ text: log, time },
      ...(attrs ? { attributes: attrs as Record<string, string> } : {}),
    };
  } catch {
    return undefined;
  }
}
