// Reads a container's json-file log, across rotated files and while it grows. Writes nothing; the
// shim owns the files and renames PATH to PATH.1, PATH.1 to PATH.2 and so on.
import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { unixNano } from "../../time.ts";

export interface LogEntry {
  stream: "stdout" | "stderr";
  text: string;
  /** RFC 3339 with nanoseconds. */
  time: string;
}

export interface LogRequest {
  path: string;
  /** How many rotated files there may be. */
  maxFiles: number;
  /** The last so many lines; undefined is all. */
  tail: number | undefined;
  /** Nanoseconds since 1970. */
  since: bigint | undefined;
  until: bigint | undefined;
  follow: boolean;
  /** True as long as more may be written. */
  alive: () => boolean;
  signal: AbortSignal;
}

const BLOCK_BYTES = 64 * 1024;
/** Docker splits lines at 16 KiB, so a longer one is damage. */
const LINE_LIMIT_BYTES = 1024 * 1024;
/** A watch may be missing (too many of them), so growth is looked for now and then anyway. */
const POLL_MS = 500;

/** Every entry that the request wants; ends when followed and the container has ended. */
export async function* readLog(request: LogRequest): AsyncGenerator<LogEntry> {
  const files = await openAll(request);
  try {
    const starts = await tailStarts(files, request.tail);
    for (const [at, file] of files.entries()) {
      const last = at === files.length - 1;
      const lines =
        last && request.follow
          ? follow(file, starts[at] ?? 0, request)
          : read(file, starts[at] ?? 0);
      for await (const line of lines) {
        const entry = parse(line);
        if (!entry) continue;
        const time = unixNano(entry.time);
        if (request.since !== undefined && time < request.since) continue;
        if (request.until !== undefined && time > request.until) return;
        yield entry;
      }
    }
  } finally {
    for (const file of files) await file.close().catch(() => undefined);
  }
}

/** Oldest first; empty when nothing was ever logged. */
async function openAll({ path, maxFiles }: LogRequest): Promise<FileHandle[]> {
  const names = [path];
  for (let n = 1; n < maxFiles; n += 1) names.unshift(`${path}.${n}`);
  const files: FileHandle[] = [];
  for (const name of names) {
    const file = await open(name, "r").catch(() => undefined);
    if (file) files.push(file);
  }
  return files;
}

/** Where to begin in each file, so that `tail` lines are left in all of them together. */
async function tailStarts(files: FileHandle[], tail: number | undefined): Promise<number[]> {
  if (tail === undefined) return files.map(() => 0);
  let wanted = tail;
  const starts: number[] = [];
  for (const file of [...files].reverse()) {
    const { size } = await file.stat();
    const { position, found } = await lastLines(file, size, wanted);
    starts.unshift(position);
    wanted -= found;
  }
  return starts;
}

async function lastLines(
  file: FileHandle,
  size: number,
  wanted: number,
): Promise<{ position: number; found: number }> {
  const block = Buffer.alloc(BLOCK_BYTES);
  let found = 0;
  let end = size;
  while (end > 0 && wanted > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      // The newline at the very end closes the last line, it begins none.
      if (block[at] !== 10 || start + at === size - 1) continue;
      found += 1;
      if (found === wanted) return { position: start + at + 1, found };
    }
    end = start;
  }
  return wanted > 0 ? { position: 0, found: size > 0 ? found + 1 : 0 } : { position: size, found };
}

/** The whole lines of one file from a position to its present end. */
async function* read(file: FileHandle, start: number): AsyncGenerator<string> {
  const lines = new Lines();
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let position = start; ; ) {
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield* lines.add(block.subarray(0, bytesRead));
  }
}

async function* follow(
  first: FileHandle,
  start: number,
  request: LogRequest,
): AsyncGenerator<string> {
  const growth = new Growth(request);
  let file = first;
  let position = start;
  let lines = new Lines();
  const block = Buffer.alloc(BLOCK_BYTES);
  try {
    for (;;) {
      // Asked before reading: what was written before the end is read after it.
      const alive = request.alive();
      const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, position);
      if (bytesRead > 0) {
        position += bytesRead;
        yield* lines.add(block.subarray(0, bytesRead));
        continue;
      }
      const next = await newerFile(file, request);
      if (next) {
        // What was written between the last reading and the rotation.
        for (let more = await file.read(block, 0, BLOCK_BYTES, position); more.bytesRead > 0; ) {
          position += more.bytesRead;
          yield* lines.add(block.subarray(0, more.bytesRead));
          more = await file.read(block, 0, BLOCK_BYTES, position);
        }
        if (file !== first) await file.close();
        file = next;
        position = 0;
        lines = new Lines();
        continue;
      }
      if (!alive || request.signal.aborted || isOver(request)) return;
      await growth.wait();
    }
  } finally {
    growth.close();
    if (file !== first) await file.close().catch(() => undefined);
  }
}

function isOver({ until }: LogRequest): boolean {
  return until !== undefined && BigInt(Date.now()) * 1_000_000n > until;
}

/** The file that came after this one, when this one was rotated away. */
async function newerFile(file: FileHandle, request: LogRequest): Promise<FileHandle | undefined> {
  const { path, maxFiles } = request;
  const own = (await file.stat()).ino;
  let newer: string | undefined;
  for (let n = 0; n < maxFiles; n += 1) {
    const name = n === 0 ? path : `${path}.${n}`;
    const found = await stat(name).catch(() => undefined);
    if (found?.ino === own) break;
    if (found) newer = name;
    // It was rotated out altogether: the oldest that is left comes next.
  }
  if (newer === undefined) return undefined;
  const next = await open(newer, "r").catch(() => undefined);
  return next;
}

/** Wakes at a change in the log's folder, at an abort, and now and then. */
class Growth {
  readonly #request: LogRequest;
  readonly #watcher: FSWatcher | undefined;
  #wake: () => void = () => undefined;
  #changed = false;

  constructor(request: LogRequest) {
    this.#request = request;
    const note = () => {
      this.#changed = true;
      this.#wake();
    };
    try {
      this.#watcher = watch(dirname(request.path), { persistent: false }, note);
      this.#watcher.on("error", () => undefined);
    } catch {
      this.#watcher = undefined;
    }
  }

  async wait(): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          this.#request.signal.removeEventListener("abort", finish);
          resolve();
        };
        const timer = setTimeout(finish, POLL_MS);
        this.#wake = finish;
        this.#request.signal.addEventListener("abort", finish, { once: true });
      });
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}

/** Cuts a stream of bytes into lines; an unfinished last line waits for the rest. */
class Lines {
  #rest: Buffer = Buffer.alloc(0);

  *add(bytes: Buffer): Generator<string> {
    let all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (let at = all.indexOf(10); at >= 0; at = all.indexOf(10)) {
      yield all.toString("utf8", 0, at);
      all = all.subarray(at + 1);
    }
    this.#rest = all.length > LINE_LIMIT_BYTES ? Buffer.alloc(0) : Buffer.from(all);
  }
}

function parse(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line) as Record<string, unknown>;
    if (typeof log !== "string" || typeof time !== "string") return undefined;
    return { stream: stream === "stderr" ? "stderr" : "stdout", text: log, time };
  } catch {
    return undefined;
  }
}
