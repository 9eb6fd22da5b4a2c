// What the upper folder of an overlay mount changes in the layers below it.
import type { Stats } from "node:fs";
import type { StorageChange } from "../driver/driver.ts";
import { addChange, lookAt, namesIn } from "../driver/tree-changes.ts";

interface Layers {
  upper: string;
  /** Topmost first. */
  lowers: readonly string[];
  /** Whether a directory hides what the layers below have in it: somebody made it anew. */
  isOpaque(directory: string): Promise<boolean>;
}

/** Changes from the root down, a directory before what is in it; bounded. */
export async function overlayChanges(layers: Layers): Promise<StorageChange[]> {
  const changes: StorageChange[] = [];
  await collect(layers, "", changes);
  return changes;
}

/** overlayfs marks a deletion with a character device 0/0. */
async function collect(layers: Layers, path: string, changes: StorageChange[]): Promise<void> {
  const { upper, lowers, isOpaque } = layers;
  const names = await namesIn(`${upper}${path}`);
  for (const name of names) {
    const below = `${path}/${name}`;
    const now = await lookAt(`${upper}${below}`);
    if (now === undefined) continue;
    const existed = await isBelow(lowers, below);
    const deleted = isWhiteout(now);
    if (deleted && !existed) continue;
    const kind = deleted ? "deleted" : existed ? "modified" : "added";
    addChange(changes, { path: below, kind, bytes: now.isFile() ? now.size : 0 });
    if (now.isDirectory()) await collect(layers, below, changes);
  }
  if (path === "" || !(await isOpaque(`${upper}${path}`))) return;
  const own = new Set(names);
  for (const name of await namesBelow(layers, path)) {
    if (!own.has(name)) addChange(changes, { path: `${path}/${name}`, kind: "deleted", bytes: 0 });
  }
}

/** The names that the layers below show together in a directory. */
async function namesBelow({ lowers, isOpaque }: Layers, path: string): Promise<Set<string>> {
  const shown = new Set<string>();
  const hidden = new Set<string>();
  for (const layer of lowers) {
    const directory = `${layer}${path}`;
    const seen = await lookAt(directory);
    if (seen === undefined) continue;
    if (!seen.isDirectory()) break;
    for (const name of await namesIn(directory)) {
      const one = await lookAt(`${directory}/${name}`);
      if (one !== undefined && isWhiteout(one)) hidden.add(name);
      else if (!hidden.has(name)) shown.add(name);
    }
    if (await isOpaque(directory)) break;
  }
  return shown;
}

/** Whether the layers, topmost first, show anything at a path. */
async function isBelow(lowers: readonly string[], path: string): Promise<boolean> {
  for (const layer of lowers) {
    const seen = await lookAt(`${layer}${path}`);
    if (seen) return !isWhiteout(seen);
  }
  return false;
}

function isWhiteout(seen: Stats): boolean {
  return seen.isCharacterDevice() && seen.rdev === 0;
}
