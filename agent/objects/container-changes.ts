// docker diff: what a container changed against its image, from the storage driver's upper folder.
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import type { FilesystemChange } from "@docker/node-sdk";
import { FairleadError } from "../../resources/errors.ts";
import type { Container } from "./container.ts";
import type { ContainerParts } from "./container-parts.ts";

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

interface Walk {
  upper: string;
  path: string;
  lowers: readonly string[];
  changes: FilesystemChange[];
}

function collect(walk: Walk): boolean {
  const { upper, path, lowers, changes } = walk;
  let changed = false;
  for (const entry of list(`${upper}${path}`)) {
    const below = `${path}/${entry.name}`;
    const lower = lowers.some((layer) => lstatSync(`${layer}${below}`, { throwIfNoEntry: false }));
    if (entry.isCharacterDevice() && lstatSync(`${upper}${below}`).rdev === 0) {
      // overlayfs marks a deletion with a character device 0/0.
      if (lower) changes.push({ Path: below, Kind: DELETED });
      changed ||= lower;
      continue;
    }
    if (changes.length >= CHANGES_LIMIT) {
      throw new FairleadError("unsupported", `more than ${CHANGES_LIMIT} changes`);
    }
    changes.push({ Path: below, Kind: lower ? MODIFIED : ADDED });
    changed = true;
    if (entry.isDirectory()) collect({ upper, path: below, lowers, changes });
  }
  return changed;
}

function list(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
