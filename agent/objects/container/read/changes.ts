// docker diff: what a container changed against its image, as the storage driver tells it.
import type { FilesystemChange } from "@docker/node-sdk";
import type { StorageChange } from "../../../storage/driver/driver.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";

const KIND = { modified: 0, added: 1, deleted: 2 } as const;

/** What `docker diff` shows and `commit` puts into a layer. */
export async function containerChanges(
  container: Container,
  parts: ContainerParts,
): Promise<StorageChange[]> {
  const layers = await parts.images.root(container.record.imageId);
  return ownChanges(await parts.storage.changes(container.id, layers ?? []));
}

/** Every changed path, sorted; null when there is none, as Docker answers. */
export async function changesOf(
  container: Container,
  parts: ContainerParts,
): Promise<FilesystemChange[] | null> {
  const changes = await containerChanges(container, parts);
  const shown = changes.map(({ path, kind }) => ({ Path: path, Kind: KIND[kind] }));
  shown.sort((a, b) => (a.Path < b.Path ? -1 : 1));
  return shown.length > 0 ? shown : null;
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

/**
 * What a container changed by itself: without what every one gets, the mount points that were made
 * for it, and directories that changed by nothing else.
 */
export function ownChanges(
  changes: readonly StorageChange[],
  mountPoints: ReadonlySet<string> = new Set(),
): StorageChange[] {
  const inside = new Map<string, { entries: number; shown: number }>();
  const count = (path: string) => inside.get(path) ?? { entries: 0, shown: 0 };
  const isMade = (path: string) => MADE_FOR_ALL.has(path) || mountPoints.has(path);
  const shown: StorageChange[] = [];
  // From the end: what is in a directory comes after it.
  for (const change of changes.toReversed()) {
    const { entries, shown: within } = count(change.path);
    const hidden =
      (change.kind === "added" && isMade(change.path) && within === 0) ||
      (change.kind === "modified" && entries > 0 && within === 0);
    if (!hidden) shown.push(change);
    const parent = change.path.slice(0, change.path.lastIndexOf("/"));
    const of = count(parent);
    inside.set(parent, { entries: of.entries + 1, shown: of.shown + Number(!hidden) });
  }
  return shown.reverse();
}
