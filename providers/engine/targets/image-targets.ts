// Finds out before planning what every image of a stack is: ids of what is made or read here,
// digests of what a registry has where the pull policy asks for the newest.
import type { ImageSpec } from "../../../resources/kinds/image/image.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type ImageTarget, type ImageTargets, imageKey } from "../../../resources/plan/observed.ts";
import type { Resolved } from "../../../resources/stack/resolve.ts";
import { mapBounded } from "../concurrency/bounded.ts";
import type { EngineClient } from "../engine.ts";
import { readArchive } from "../image-source/archive.ts";
import { readRootfs } from "../image-source/rootfs.ts";
import type { LocalImage } from "../image-source/source.ts";

const READINGS_AT_ONCE = 4;

/** The target of every image of the resources, by `imageKey`. */
export async function imageTargets(
  resources: readonly Resolved[],
  engines: ReadonlyMap<string, EngineClient>,
  signal?: AbortSignal,
): Promise<ImageTargets> {
  const found = await mapBounded(resources, READINGS_AT_ONCE, async (resource) => {
    const engine = engines.get(resource.host);
    // What is built there has targets of its own.
    if (resource.kind !== "image" || !engine || resource.spec.build) return [];
    const target = await targetOf(resource.spec, engine, signal);
    return [[imageKey(resource.host, resource.spec.name), target] as const];
  });
  return new Map(found.flat());
}

/** The image as it is read here; undefined when it comes from a registry. */
export async function localImage(
  spec: ImageSpec,
  engine: EngineClient,
  signal?: AbortSignal,
): Promise<LocalImage | undefined> {
  if (spec.archive === undefined && spec.rootfs === undefined) return undefined;
  const platform = spec.platform ?? (await engine.platform(signal));
  if (spec.archive !== undefined) {
    return readArchive(spec.archive, { tag: spec.archiveTag, platform }).catch(named(spec.archive));
  }
  return readRootfs(spec.rootfs!, spec, platform);
}

async function targetOf(
  spec: ImageSpec,
  engine: EngineClient,
  signal: AbortSignal | undefined,
): Promise<ImageTarget> {
  const local = await localImage(spec, engine, signal);
  if (local) return { from: "deliver", id: local.id };
  if (spec.pull === "never" || spec.name.startsWith("sha256:")) return { from: "host" };
  // A host without an engine can ask no registry, and has no image that might be an older one.
  if (spec.pull !== "always" || engine.isVacant) return { from: "registry" };
  return { from: "registry", digest: await engine.images.registryDigest(spec.name, signal) };
}

function named(path: string) {
  return (error: unknown): never => {
    if (error instanceof FairleadError) throw error;
    throw new FairleadError("not_found", `the image archive ${path} cannot be read`, {
      path,
      cause: error,
    });
  };
}
