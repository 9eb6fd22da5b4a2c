// Removes blobs and layers that no image needs any more.
import { rm } from "node:fs/promises";
import type { Content } from "./content.ts";

export interface Collected {
  blobs: string[];
  layers: string[];
  bytes: number;
}

/** How long something may lie without an image: an upload or a pull may still be going on. */
export const GRACE_MS = 24 * 3600 * 1000;

/**
 * Removes those of `candidates` (digests and chain ids) that no image and no work under way needs.
 * Images that are only kept for containers go as soon as `inUse` does not name them.
 */
export async function collect(
  content: Content,
  inUse: ReadonlySet<string>,
  candidates: Iterable<string>,
): Promise<Collected> {
  const wanted = new Set(candidates);
  const orphans = content.catalog.all().filter(({ id, removed }) => removed && !inUse.has(id));
  for (const image of orphans)
    for (const name of [...image.blobs, ...image.chain]) wanted.add(name);
  if (orphans.length > 0) await content.catalog.remove(orphans.map(({ id }) => id));
  const needed = new Set(content.catalog.all().flatMap(({ blobs, chain }) => [...blobs, ...chain]));
  const collected: Collected = { blobs: [], layers: [], bytes: 0 };
  for (const name of wanted) {
    if (needed.has(name) || content.leases.holds(name)) continue;
    await removeLayer(content, name, collected);
    await removeBlob(content, name, collected);
  }
  return collected;
}

/** Removes everything unneeded that is a day old: left by a crash or an abandoned upload. */
export async function sweep(
  content: Content,
  inUse: ReadonlySet<string>,
  graceMs: number = GRACE_MS,
): Promise<Collected> {
  const before = Date.now() - graceMs;
  const blobs = await content.blobs.list();
  const old = blobs.filter(({ changedMs }) => changedMs <= before);
  for (const { digest, partial } of old) if (partial) await content.blobs.removePartial(digest);
  const layers = await content.layers.list(before);
  const candidates = old.filter(({ partial }) => !partial).map(({ digest }) => digest);
  return collect(content, inUse, [...candidates, ...layers]);
}

async function removeLayer(content: Content, name: string, into: Collected): Promise<void> {
  const layer = await content.layers.find(name);
  if (layer === undefined) return;
  await content.layers.remove(name);
  into.layers.push(name);
  into.bytes += layer.bytes;
}

async function removeBlob(content: Content, name: string, into: Collected): Promise<void> {
  const size = await content.blobs.size(name);
  if (size === undefined) return;
  await rm(content.blobs.path(name), { force: true });
  into.blobs.push(name);
  into.bytes += size;
}
