// A writable root over the layers of an image, for the instructions that copy files into it; what
// has changed in it becomes a layer.
import { randomBytes } from "node:crypto";
import { type StoredLayer, storeLayer } from "../images/commit.ts";
import { layerParts } from "../images/pack.ts";
import { ownChanges } from "../objects/container/read/changes.ts";
import type { BuildParts } from "./parts.ts";
import { latestOf } from "./request.ts";
import type { StageState } from "./state.ts";
import type { Surroundings } from "./step.ts";

export interface Workspace {
  id: string;
  root: string;
}

/** Mounts a root over an image's layers for the time of the work. */
export async function inWorkspace<T>(
  layers: string[],
  { containers: { storage } }: BuildParts,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const id = `build-${randomBytes(16).toString("hex")}`;
  try {
    return await work({ id, root: await storage.mount(id, layers) });
  } finally {
    await storage.remove(id);
  }
}

/** Changes a root over a stage's layers, and stores what has changed. */
export function inRoot(
  { imageId }: StageState,
  { request, parts }: Surroundings,
  change: (root: string) => Promise<void>,
): Promise<StoredLayer | undefined> {
  const layers = imageId === undefined ? [] : parts.images.layersOf(imageId);
  return inWorkspace(layers, parts, async ({ id, root }) => {
    await change(root);
    const { signal } = request;
    return layerOfChanges({ id, root, layers, latest: latestOf(request), signal }, parts);
  });
}

export interface LayerRequest {
  /** Of the container or workspace whose root has changed. */
  id: string;
  root: string;
  layers: string[];
  /** Places that were made for mounts, which are no part of the image. */
  mountPoints?: ReadonlySet<string>;
  /** Seconds since 1970 after which no file is dated. */
  latest: number | undefined;
  signal: AbortSignal;
}

/** Stores what has changed in a root as a layer; undefined when nothing has. */
export async function layerOfChanges(
  request: LayerRequest,
  { containers: { storage, pack }, content }: BuildParts,
): Promise<StoredLayer | undefined> {
  const { id, root, layers, mountPoints, latest, signal } = request;
  const changes = ownChanges(await storage.changes(id, layers), mountPoints);
  if (changes.length === 0) return undefined;
  const parts = layerParts(changes);
  return storeLayer(content, pack({ directory: root, parts, latest, signal }));
}
