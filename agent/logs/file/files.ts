// The files of a container's log: PATH, which its shim writes; PATH.1, PATH.2 and so on, which it
// has rotated there; and older ones that the agent has compressed, PATH.TIME.ID.gz. Knows their
// names and order, and opens them.
import { constants, createReadStream } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { SerialQueues } from "../../concurrency/serial-queue.ts";

export interface LogFiles {
  path: string;
  /** How many files there may be, the current one included. */
  maxFiles: number;
}

/** One of them, and what tells it from every other one, whatever its name is by now. */
export interface OpenLogFile {
  handle: FileHandle;
  id: string;
}

/** A file by its present name. */
export interface NamedLogFile {
  name: string;
  id: string;
  packed: boolean;
  bytes: number;
}

/** What is being compressed; a crash leaves it, and it is taken up again. */
export const TAKEN = ".taken";
const PACKED = /\.\d{20}\.(\d+-\d+)\.gz$/;
/** open(2)'s O_TMPFILE, which Node has no name for: a file without one. */
const NAMELESS = 0o20200000 | constants.O_RDWR;

/** Names change while files are compressed: who looks for one takes turns with that. */
export const turns = new SerialQueues();

/** Oldest first; empty when nothing was ever logged. */
export async function openAll(files: LogFiles): Promise<OpenLogFile[]> {
  const found: OpenLogFile[] = [];
  await turns.run(files.path, async () => {
    for (const { name } of await namesOf(files)) {
      const file = await openNamed(name);
      // It may have been rotated on while the older ones were opened.
      if (file && found.some(({ id }) => id === file.id)) await file.handle.close();
      else if (file) found.push(file);
    }
  });
  return found;
}

/** The file that came after this one, when this one was rotated away. */
export async function openNewer(files: LogFiles, id: string): Promise<OpenLogFile | undefined> {
  // Looked at whenever a log is quiet, so the usual case costs one call.
  const current = await stat(files.path, { bigint: true }).catch(() => undefined);
  if (current && idOf(current) === id) return undefined;
  return turns.run(files.path, async () => {
    const all = await namesOf(files);
    // One that was rotated out altogether: the oldest that is left comes next.
    const next = all[all.findIndex((file) => file.id === id) + 1];
    return next && openNamed(next.name);
  });
}

/** How much was written after a place, or at all; a file that is gone counts for nothing. */
export async function bytesAfter(
  files: LogFiles,
  place: { file: string; offset: number } | undefined,
): Promise<number> {
  const all = await turns.run(files.path, () => namesOf(files));
  const at = all.findIndex(({ id }) => id === place?.file);
  const newer = all.slice(at + 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return newer + Math.max(0, (all[at]?.bytes ?? 0) - (place?.offset ?? 0));
}

/** Those that are there, oldest first. The caller has the turn. */
export async function namesOf({ path, maxFiles }: LogFiles): Promise<NamedLogFile[]> {
  const packed = maxFiles > 1 ? await packedNames(path) : [];
  const rotated = Array.from({ length: maxFiles - 1 }, (_, at) => `${path}.${maxFiles - 1 - at}`);
  const files: NamedLogFile[] = [];
  for (const name of [...packed, ...(maxFiles > 1 ? [path + TAKEN] : []), ...rotated, path]) {
    const found = await stat(name, { bigint: true }).catch(() => undefined);
    const [, id] = PACKED.exec(name) ?? [];
    if (!found) continue;
    files.push({
      name,
      id: id ?? idOf(found),
      packed: id !== undefined,
      bytes: Number(found.size),
    });
  }
  return files;
}

async function packedNames(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${basename(path)}.`) && PACKED.test(name));
  return own.sort().map((name) => join(folder, name));
}

async function openNamed(name: string): Promise<OpenLogFile | undefined> {
  const handle = await open(name, "r").catch(() => undefined);
  if (!handle) return undefined;
  const [, id] = PACKED.exec(name) ?? [];
  if (id === undefined) return { handle, id: idOf(await handle.stat({ bigint: true })) };
  await handle.close();
  const text = await unpacked(name);
  return text && { handle: text, id };
}

/** The text of a compressed one as a file without a name, for lines are looked for from its end. */
async function unpacked(name: string): Promise<FileHandle | undefined> {
  const text = await open(dirname(name), NAMELESS, 0o600);
  try {
    await pipeline(createReadStream(name), createGunzip(), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) await text.write(chunk);
    });
    return text;
  } catch {
    await text.close();
    return undefined;
  }
}

/** Numbers of files are used again, times of birth are not. */
function idOf({ ino, birthtimeNs }: { ino: bigint; birthtimeNs: bigint }): string {
  return `${ino}-${birthtimeNs}`;
}
