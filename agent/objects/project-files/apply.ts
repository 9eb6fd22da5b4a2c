// Brings a project's folder to what a manifest says. What a container has written or changed in a
// folder that it may write to is left alone, and told.
import { randomBytes } from "node:crypto";
import { closeSync, constants, createReadStream, existsSync, rmdirSync, unlinkSync } from "node:fs";
import { copyFile, mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  comparable,
  type ProjectEntry,
  type ProjectEntryState,
  type ProjectManifest,
} from "../../../resources/wire.ts";
import { digestAt, entryAt, linkAt, lookAt, openRegular, type Place, placeOf } from "./tree.ts";

type FileEntry = Extract<ProjectEntry, { type: "file" }>;

/** What was delivered, with the stamp that it had then. */
export interface DeliveredEntry {
  entry: ProjectEntry;
  stamp: string;
}

interface Applied {
  entries: DeliveredEntry[];
  /** Paths at which the host has something else of its own. */
  kept: string[];
}

interface Folders {
  /** What containers see. */
  tree: string;
  /** The contents that were sent, by digest. */
  incoming: string;
  /** Whether every file is forced to disk. */
  durable: boolean;
}

/** Makes the tree as the manifest says; `before` is what was delivered, as it is now. */
export async function applyManifest(
  folders: Folders,
  manifest: ProjectManifest,
  before: readonly ProjectEntryState[],
): Promise<Applied> {
  const { tree, incoming } = folders;
  const known = new Map(before.map((one) => [one.path, one]));
  const entries = [...manifest.entries].sort((a, b) => depth(a.path) - depth(b.path));
  const isThere = (entry: ProjectEntry) => isAsDelivered(entry, known.get(entry.path));
  const moved = entries.filter((entry) => !isThere(entry));
  await collect(tree, moved, before, incoming);
  const applied: Applied = { entries: [], kept: [] };
  await removeGone(tree, entries, before);
  for (const entry of entries) {
    if (!isThere(entry)) {
      if (await isOthers(tree, entry, known.get(entry.path))) {
        applied.kept.push(entry.path);
        applied.entries.push({ entry, stamp: "" });
        continue;
      }
      await put(folders, entry);
    }
    const stamp = entryAt(tree, entry.path)?.stamp ?? "";
    applied.entries.push({ entry, stamp });
  }
  return applied;
}

/** Whether the very same entry stands there already. */
function isAsDelivered(entry: ProjectEntry, seen: ProjectEntryState | undefined): boolean {
  if (seen === undefined || seen.changed || seen.type !== entry.type) return false;
  const owner = (one: ProjectEntry) => (one.type === "link" ? [] : [one.uid, one.gid]);
  const parts = (one: ProjectEntry) => JSON.stringify([comparable(one), one.keep, owner(one)]);
  return parts(entry) === parts(seen);
}

function depth(path: string): number {
  return path.split("/").length;
}

/** Has every content among the incoming ones: what was not sent is in the tree already. */
async function collect(
  tree: string,
  entries: readonly ProjectEntry[],
  before: readonly ProjectEntryState[],
  incoming: string,
): Promise<void> {
  const held = new Map<string, string>();
  for (const one of before) {
    if (one.type === "file" && !one.changed) held.set(one.digest, one.path);
    else if (one.type === "file" && one.now !== undefined) held.set(one.now, one.path);
  }
  for (const entry of entries) {
    if (entry.type !== "file" || existsSync(contentOf(incoming, entry))) continue;
    const path = held.get(entry.digest);
    const source = path === undefined ? undefined : openRegular(tree, path, entry.size);
    if (source === undefined) throw lacking(entry);
    try {
      await copyFile(`/proc/self/fd/${source}`, contentOf(incoming, entry));
    } finally {
      closeSync(source);
    }
    // A container may have written to it meanwhile.
    const hex = entry.digest.slice(7);
    if ((await digestAt(incoming, hex, entry.size)) !== entry.digest) throw lacking(entry);
  }
}

function lacking({ path }: FileEntry): FairleadError {
  return new FairleadError("conflict", `${path} was neither sent nor is it here any more`, {
    hint: "Make a new plan.",
  });
}

function contentOf(incoming: string, entry: FileEntry): string {
  return join(incoming, entry.digest.slice(7));
}

/** Whether something stands there that neither was delivered nor is as it should be. */
async function isOthers(
  tree: string,
  entry: ProjectEntry,
  known: ProjectEntryState | undefined,
): Promise<boolean> {
  if (!entry.keep) return false;
  const found = entryAt(tree, entry.path);
  if (found === undefined) {
    // What a container took away stays away until it is another file here.
    const taken = known?.type === entry.type && known.changed && sameContent(known, entry);
    return taken || placeIsTaken(tree, entry.path);
  }
  if (found.type !== entry.type) return true;
  if (entry.type === "folder") return false;
  if (entry.type === "link") {
    return linkAt(tree, entry.path) !== entry.target && (known?.changed ?? true);
  }
  if (known !== undefined && !known.changed) return false;
  return (await digestAt(tree, entry.path, entry.size)) !== entry.digest;
}

function sameContent(a: ProjectEntry, b: ProjectEntry): boolean {
  return a.type !== "file" || (b.type === "file" && a.digest === b.digest);
}

/** Something other than a folder stands above the path. */
function placeIsTaken(tree: string, path: string): boolean {
  const parts = path.split("/").slice(0, -1);
  return parts.some((_part, at) => {
    const above = entryAt(tree, parts.slice(0, at + 1).join("/"));
    return above !== undefined && above.type !== "folder";
  });
}

/** Takes away what is no longer in the manifest, unless a container has made it its own. */
async function removeGone(
  tree: string,
  entries: readonly ProjectEntry[],
  before: readonly ProjectEntryState[],
): Promise<void> {
  const wanted = new Map(entries.map((one) => [one.path, one.type]));
  const gone = before.filter((one) => wanted.get(one.path) !== one.type);
  for (const one of gone.sort((a, b) => depth(b.path) - depth(a.path))) {
    if (one.keep && one.changed) continue;
    const place = placeOf(tree, one.path);
    try {
      if (place !== undefined) removeAt(place.path, one.type === "folder");
    } finally {
      place?.close();
    }
  }
}

/** A folder only when it is empty: what else is in it is a container's. */
function removeAt(path: string, isFolder: boolean): void {
  try {
    if (isFolder) rmdirSync(path);
    else unlinkSync(path);
  } catch (error) {
    const passing = ["ENOENT", "ENOTEMPTY", "ENOTDIR", "EISDIR", "EPERM", "EBUSY"];
    if (!passing.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

async function put({ tree, incoming, durable }: Folders, entry: ProjectEntry): Promise<void> {
  const place = placeOf(tree, entry.path, true);
  if (place === undefined) {
    throw new FairleadError("conflict", `${entry.path}: something above it is no folder`, {
      path: entry.path,
    });
  }
  try {
    await clearPlace(place, entry);
    if (entry.type === "folder") await putFolder(place.path, entry);
    else if (entry.type === "link") await putLink(place.path, entry.target);
    else await putFile(place.path, entry, contentOf(incoming, entry), durable);
  } finally {
    place.close();
  }
}

/** What is of another type makes room; never where containers may write. */
async function clearPlace({ path }: Place, entry: ProjectEntry): Promise<void> {
  const found = lookAt(path);
  if (found === undefined || found.type === entry.type || entry.keep) return;
  await rm(path, { recursive: true, force: true });
}

async function putFolder(
  path: string,
  entry: Extract<ProjectEntry, { type: "folder" }>,
): Promise<void> {
  const isNew = lookAt(path) === undefined;
  if (isNew) await mkdir(path, 0o700);
  else if (entry.keep) return;
  const folder = await open(path, READ | constants.O_DIRECTORY);
  try {
    if (isNew) await owned(folder.chown(entry.uid, entry.gid));
    await folder.chmod(entry.mode);
  } finally {
    await folder.close();
  }
}

async function putLink(path: string, target: string): Promise<void> {
  const draft = draftOf(path);
  await symlink(target, draft);
  await rename(draft, path);
}

async function putFile(
  path: string,
  entry: FileEntry,
  content: string,
  durable: boolean,
): Promise<void> {
  const inPlace = entry.inPlace && lookAt(path) !== undefined;
  const target = inPlace ? path : draftOf(path);
  const file = await open(target, inPlace ? REWRITE : NEW, 0o600);
  try {
    // A container may have put a pipe or a device there.
    if (!(await file.stat()).isFile()) throw new Error("it is no file any more");
    await file.truncate(0);
    for await (const chunk of createReadStream(content)) await file.writeFile(chunk as Buffer);
    await owned(file.chown(entry.uid, entry.gid));
    await file.chmod(entry.mode);
    if (entry.modified !== undefined) await file.utimes(entry.modified, entry.modified);
    if (durable) await file.sync();
  } catch (error) {
    if (!inPlace) await rm(target, { force: true });
    throw new FairleadError("conflict", `${entry.path}: ${(error as Error).message}`, {
      path: entry.path,
      cause: error,
    });
  } finally {
    await file.close();
  }
  if (!inPlace) await rename(target, path);
}

// No link is followed, and no pipe waited for.
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const REWRITE = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Beside the place, so that it can be renamed there. */
function draftOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return `${path.slice(0, cut)}/.fairlead-${randomBytes(6).toString("hex")}`;
}

/** Without root there are few ids to give a file to; it is the agent's own then. */
async function owned(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!["EPERM", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
