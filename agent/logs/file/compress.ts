// Compresses what a shim has rotated away. The shim renames its files whenever it likes, so one is
// first taken out of its sight; whatever it was then called, it is the one that is compressed.
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type LogFiles, namesOf, TAKEN, turns } from "./files.ts";
import { Lines, parseLine } from "./follower.ts";

/** Compresses all that is there, and removes the oldest beyond the limit. */
export async function compressRotated(files: LogFiles): Promise<void> {
  for (;;) {
    const id = await turns.run(files.path, () => take(files));
    if (id === undefined) return;
    const taken = files.path + TAKEN;
    const packed = `${files.path}.${await firstTime(taken)}.${id}.gz`;
    const draft = `${taken}.draft`;
    await pipeline(
      createReadStream(taken),
      createGzip(),
      createWriteStream(draft, { mode: 0o640 }),
    );
    await turns.run(files.path, async () => {
      await rename(draft, packed);
      await rm(taken, { force: true });
      await prune(files);
    });
  }
}

/** The id of the file that is out of the shim's sight now; undefined when there is none. */
async function take(files: LogFiles): Promise<string | undefined> {
  const [oldest] = (await namesOf(files)).filter(({ packed }) => !packed);
  if (!oldest || oldest.name === files.path) return undefined;
  if (oldest.name !== files.path + TAKEN) await rename(oldest.name, files.path + TAKEN);
  const taken = (await namesOf(files)).find(({ name }) => name === files.path + TAKEN);
  return taken?.id;
}

async function prune(files: LogFiles): Promise<void> {
  const all = await namesOf(files);
  const extra = all.slice(0, Math.max(0, all.length - files.maxFiles));
  for (const { name, packed } of extra) if (packed) await rm(name, { force: true });
}

const HEAD_BYTES = 64 * 1024;

/** Of its first line, in nanoseconds since 1970, so that names are in order. */
async function firstTime(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const [line = ""] = new Lines().add(head.subarray(0, bytesRead));
    const time = parseLine(line)?.time ?? (await file.stat()).mtime.toISOString();
    const [, fraction = ""] = /\.(\d{1,9})/.exec(time) ?? [];
    const seconds = Math.floor(Date.parse(time) / 1000) || 0;
    return `${seconds}${fraction.padEnd(9, "0")}`.padStart(20, "0");
  } finally {
    await file.close();
  }
}

const EVERY_MS = 30_000;

/** Looks now and then at the logs whose rotated files shall be compressed, one after the other. */
export function compressLogs(list: () => LogFiles[], report: (line: string) => void): void {
  let busy = false;
  setInterval(async () => {
    if (busy) return;
    busy = true;
    for (const files of list()) {
      await compressRotated(files).catch((error: NodeJS.ErrnoException) => {
        // Its container was removed meanwhile.
        if (error.code !== "ENOENT") report(`${files.path}: ${error.message}`);
      });
    }
    busy = false;
  }, EVERY_MS).unref();
}
