// Crash-safe JSON records: a reader sees the old content or the new one, never half of it.
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Of a temporary file, with the process that writes it. */
const DRAFT = /\.(\d+)\.new$/;

/** Writes `value` as JSON to `path`, mode 0600, through a temporary file in the same folder. */
export async function writeRecord(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The record at `path`; undefined when there is none or its content is not JSON. */
export async function readRecord<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Removes what processes that are gone have left half-written, down to `depth` folders below. */
export async function removeDrafts(folder: string, depth = 0): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const writer = DRAFT.exec(entry.name)?.[1];
    if (entry.isFile() && writer !== undefined && !existsSync(`/proc/${writer}`)) {
      await rm(path, { force: true });
    } else if (entry.isDirectory() && depth > 0) await removeDrafts(path, depth - 1);
  }
}
