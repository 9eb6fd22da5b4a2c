// docker diff: what a container changed against its image, as the storage driver tells it.
import type { FilesystemChange } from "@docker/node-sdk";
import type { StorageChange } from "../../../storage/driver.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";

const KIND = { modified: 0, added: 1, deleted: 2 } as const;

/** What `commit` puts into a layer: what `docker diff` shows. */
export async function layerChanges(
  container: Container,
  parts: ContainerParts,
): Promise<{ path: string; removed: boolean }[]> {
  const image = await parts.images.find(container.record.imageId);
  const changes = visible(await parts.storage.changes(container.id, image?.layers ?? []));
  return changes.map(({ path, kind }) => ({ path, removed: kind === "deleted" }));
}

/** Every changed path, sorted; null when there is none, as Docker answers. */
export async function changesOf(
  container: Container,
  parts: ContainerParts,
): Promise<FilesystemChange[] | null> {
  const image = await parts.images.find(container.record.imageId);
  const changes = visible(await parts.storage.changes(container.id, image?.layers ?? []));
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

/** Leaves out what every container gets, and directories that changed by nothing else. */
function visible(changes: readonly StorageChange[]): StorageChange[] {
  const inside = new Map<string, { entries: number; shown: number }>();
  const count = (path: string) => inside.get(path) ?? { entries: 0, shown: 0 };
  const shown: StorageChange[] = [];
  // From the end: what is in a directory comes after it.
  for (const change of changes.toReversed()) {
    const { entries, shown: within } = count(change.path);
    const hidden =
      (change.kind === "added" && MADE_FOR_ALL.has(change.path) && within === 0) ||
      (change.kind === "modified" && entries > 0 && within === 0);
    if (!hidden) shown.push(change);
    const parent = change.path.slice(0, change.path.lastIndexOf("/"));
    const of = count(parent);
    inside.set(parent, { entries: of.entries + 1, shown: of.shown + Number(!hidden) });
  }
  return shown;
}
