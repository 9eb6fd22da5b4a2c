// Compares a tree with the one that it began as: what was added, modified and deleted.
import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { StorageChange } from "./driver.ts";

const MOST_CHANGES = 100_000;

/** The tree as it was; paths begin with a slash, and the root is "". */
export interface LowerTree {
  lstat(path: string): Promise<Stats | undefined>;
  names(path: string): Promise<string[]>;
}

export interface Comparison {
  /** Directory of the tree as it is. */
  directory: string;
  lower: LowerTree;
  /** Whether nobody has written to what both trees have. */
  same(before: Stats, now: Stats): boolean;
}

/** Changes from the root down, a directory before what is in it; bounded. */
export async function compareTrees(comparison: Comparison): Promise<StorageChange[]> {
  const changes: StorageChange[] = [];
  await compare(comparison, "", true, changes);
  return changes;
}

async function compare(
  comparison: Comparison,
  path: string,
  existed: boolean,
  changes: StorageChange[],
): Promise<void> {
  const { directory, lower, same } = comparison;
  const names = await namesIn(`${directory}${path}`);
  for (const name of names) {
    const below = `${path}/${name}`;
    const now = await lookAt(`${directory}${below}`);
    if (now === undefined) continue;
    const before = existed ? await lower.lstat(below) : undefined;
    if (before === undefined)
      addChange(changes, { path: below, kind: "added", bytes: bytesOf(now) });
    else if (typeOf(before) !== typeOf(now) || !same(before, now)) {
      addChange(changes, { path: below, kind: "modified", bytes: bytesOf(now) });
    }
    if (now.isDirectory()) {
      await compare(comparison, below, before?.isDirectory() === true, changes);
    }
  }
  if (!existed) return;
  const left = new Set(names);
  for (const name of await lower.names(path)) {
    if (!left.has(name)) addChange(changes, { path: `${path}/${name}`, kind: "deleted", bytes: 0 });
  }
}

export function addChange(changes: StorageChange[], change: StorageChange): void {
  changes.push(change);
  if (changes.length <= MOST_CHANGES) return;
  throw new FairleadError("unsupported", `more than ${MOST_CHANGES} changes`);
}

/** A directory as it stands. */
export function plainTree(directory: string): LowerTree {
  return {
    lstat: (path) => lookAt(`${directory}${path}`),
    names: (path) => namesIn(`${directory}${path}`),
  };
}

/** undefined for what is not there, or vanishes meanwhile. */
export function lookAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(absent);
}

export async function namesIn(path: string): Promise<string[]> {
  return (await readdir(path).catch(absent)) ?? [];
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}

function typeOf({ mode }: Stats): number {
  return mode & 0o170000;
}

function bytesOf(seen: Stats): number {
  return seen.isFile() ? seen.size : 0;
}
