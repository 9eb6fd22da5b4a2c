// Reads a container's log for those who ask for it, across rotated files and while it grows.
import type { FileHandle } from "node:fs/promises";
import { openAll } from "./files.ts";
import { Lines, type LogEntry, LogFollower, parseLine } from "./follower.ts";

export interface LogRequest {
  path: string;
  /** How many files there may be. */
  maxFiles: number;
  /** The last so many lines; undefined is all. */
  tail: number | undefined;
  /** Where a time lies: before what is wanted, in it, or after it; all is wanted when absent. */
  place?: (time: string) => "before" | "wanted" | "after";
  /** True once nothing that is written from now on can be wanted. */
  over?: () => boolean;
  follow: boolean;
  /** True as long as more may be written. */
  alive: () => boolean;
  signal: AbortSignal;
}

const BLOCK_BYTES = 64 * 1024;
/** A watch may be missing (too many of them), so growth is looked for now and then anyway. */
const POLL_MS = 500;

/** Every entry that the request wants; ends when followed and the container has ended. */
export async function* readLog(request: LogRequest): AsyncGenerator<LogEntry> {
  const { place = () => "wanted" as const } = request;
  for await (const entry of entriesOf(request)) {
    const where = place(entry.time);
    if (where === "after") return;
    if (where === "wanted") yield entry;
  }
}

async function* entriesOf(request: LogRequest): AsyncGenerator<LogEntry> {
  const files = await openAll(request);
  const follower = request.follow ? new LogFollower(request) : undefined;
  try {
    const handles = files.map(({ handle }) => handle);
    const starts = await tailStarts(handles, request.tail);
    const last = follower && files.at(-1);
    if (last) {
      files.pop();
      follower.resume(last, starts[files.length] ?? 0);
    }
    for (const [at, { handle }] of files.entries()) yield* read(handle, starts[at] ?? 0);
    if (follower) yield* follow(follower, request);
  } finally {
    for (const { handle } of files) await handle.close().catch(() => undefined);
    await follower?.close();
  }
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
async function* read(file: FileHandle, start: number): AsyncGenerator<LogEntry> {
  const lines = new Lines();
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let position = start; ; ) {
    const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    for (const line of lines.add(block.subarray(0, bytesRead))) {
      const entry = parseLine(line);
      if (entry) yield entry;
    }
  }
}

async function* follow(follower: LogFollower, request: LogRequest): AsyncGenerator<LogEntry> {
  const { signal, alive, over = () => false } = request;
  const wake = () => follower.wake();
  signal.addEventListener("abort", wake);
  try {
    for (;;) {
      // Asked before reading: what was written before the end is read after it.
      const more = alive();
      const chunk = await follower.next();
      if (chunk) yield* chunk.entries;
      else if (!more || signal.aborted || over()) return;
      else await follower.wait(POLL_MS);
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}
