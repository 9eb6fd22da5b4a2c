// Files that are replaced whole: written beside, synced and renamed, so that a reader, a kill and a
// power cut meet the old content or the new, never half of it.
import { readlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { asDiskFull } from "./disk-full.ts";

/** Of a temporary file, with the process that writes it. */
const DRAFT = /\.(\d+)\.new$/;

let drafts = 0;

/** Replaces a file (0600); on the disk when it resolves. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = `${path}.${(drafts++).toString(36)}.${process.pid}.new`;
  try {
    await writeSynced(draft, text).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeSynced(draft, text);
    });
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw await asDiskFull(error, path);
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what was renamed, made or removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what agents that are gone have left half-written, and tells the other files. */
export async function sweepDrafts(
  folder: string,
  depth: number,
  onFile: (path: string) => void = () => undefined,
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const writer = DRAFT.exec(basename(path))?.[1];
    if (entry.isDirectory()) {
      if (depth > 0) await sweepDrafts(path, depth - 1, onFile);
    } else if (writer !== undefined && entry.isFile()) {
      if (!isAgent(writer)) await rm(path, { force: true });
    } else onFile(path);
  }
}

/** Numbers are given again after a reboot, so that the process must be one of our kind. */
function isAgent(pid: string): boolean {
  if (pid === String(process.pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath;
  } catch {
    return false;
  }
}
