// docker diff: what a container changed against its image, from the storage driver's upper folder.
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import type { FilesystemChange } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";

const MODIFIED = 0;
const ADDED = 1;
const DELETED = 2;
const CHANGES_LIMIT = 100_000;

/** Every changed path, sorted; null when there is none, as Docker answers. */
export async function changesOf(
  container: Container,
  parts: ContainerParts,
): Promise<FilesystemChange[] | null> {
  if (parts.storage.name !== "overlay") {
    throw new FairleadError("unsupported", `changes with the storage driver ${parts.storage.name}`);
  }
  const image = await parts.images.find(container.record.imageId);
  const upper = `${parts.root}/storage/overlay/${container.id}/upper`;
  const changes: FilesystemChange[] = [];
  collect({ upper, path: "", lowers: image?.layers ?? [], changes });
  changes.sort((a, b) => (a.Path < b.Path ? -1 : 1));
  return changes.length > 0 ? changes : null;
}

/** Places that every container gets at its start: dockerd keeps them in a layer below, unseen. */
const MADE_FOR_ALL = new Set([
  "/.dockerenv",
  "/dev",
  "/dev/console",
  "/dev/pts",
  "/dev/shm",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/mtab",
  "/etc/resolv.conf",
  "/proc",
  "/sys",
]);

interface Walk {
  upper: string;
  path: string;
  lowers: readonly string[];
  changes: FilesystemChange[];
}

/** Collects what changed below; tells how many entries there are and how many of them show. */
function collect(walk: Walk): { entries: number; shown: number } {
  const { upper, path, lowers, changes } = walk;
  const entries = list(`${upper}${path}`);
  let shown = 0;
  for (const entry of entries) {
    const below = `${path}/${entry.name}`;
    const lower = lowers.some((layer) => lstatSync(`${layer}${below}`, { throwIfNoEntry: false }));
    const kind = kindOf(entry, `${upper}${below}`, lower);
    if (kind === undefined) continue;
    const inside = entry.isDirectory() ? collect({ ...walk, path: below }) : undefined;
    const hidden =
      (kind === ADDED && MADE_FOR_ALL.has(below) && !inside?.shown) ||
      (kind === MODIFIED && inside !== undefined && inside.entries > 0 && inside.shown === 0);
    if (hidden) continue;
    shown += 1;
    changes.push({ Path: below, Kind: kind });
    if (changes.length > CHANGES_LIMIT) {
      throw new FairleadError("unsupported", `more than ${CHANGES_LIMIT} changes`);
    }
  }
  return { entries: entries.length, shown };
}

/** overlayfs marks a deletion with a character device 0/0. */
function kindOf(entry: Dirent, path: string, lower: boolean): 0 | 1 | 2 | undefined {
  if (entry.isCharacterDevice() && lstatSync(path).rdev === 0) return lower ? DELETED : undefined;
  return lower ? MODIFIED : ADDED;
}

function list(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
