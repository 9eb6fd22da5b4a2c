// Pulls an image by reference: resolves it to one platform's manifest, and assembles that.
import { FairleadError } from "../../resources/model/errors.ts";
import {
  familiarReference,
  formatReference,
  type Reference,
} from "../../resources/model/reference.ts";
import { assemble } from "./assemble.ts";
import type { Content } from "./content.ts";
import { type Descriptor, MANIFEST_BYTES, readManifest } from "./manifest.ts";
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  type Platform,
  platformFits,
} from "./platform.ts";
import type { Progress } from "./progress.ts";
import { type FetchedManifest, type RegistryOptions, Repository } from "./registry.ts";
import { isPassing } from "./registry-transport.ts";

export interface PullRequest extends RegistryOptions {
  reference: Reference;
  /** What to take from an index; default: what this host runs. */
  platform?: Platform;
  progress: Progress;
}

/** Pulls one image and gives it the name; returns its id. */
export async function pull(content: Content, request: PullRequest): Promise<string> {
  const { reference, progress, signal } = request;
  const repository = new Repository(reference, request);
  try {
    const what = reference.digest ?? reference.tag ?? "latest";
    // Nothing is said before the registry has answered: a refusal can then still be a status code.
    const top = await repository.manifest(what);
    progress({ status: `Pulling from ${familiarPath(reference)}`, id: what });
    const chosen = await resolve(repository, top, request);
    const { id, changed } = await assemble(content, {
      manifest: chosen.bytes,
      progress,
      fetch: (blob, onBytes, stop) => fetchBlob(content, repository, blob, onBytes, stop),
      accept: (document) => {
        if (request.platform === undefined || platformFits(request.platform, document)) return;
        throw new FairleadError(
          "not_found",
          `image ${familiarReference(reference)} is made for ${formatPlatform(document)}, ` +
            `not for ${formatPlatform(request.platform)}`,
        );
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const renamed = await name(content, id, reference, top.digest);
    progress({ status: `Digest: ${top.digest}` });
    const news = changed || renamed ? "Downloaded newer image" : "Image is up to date";
    progress({ status: `Status: ${news} for ${familiarReference(reference)}` });
    return id;
  } finally {
    await repository.close();
  }
}

/** Succeeds when a registry takes the credentials; `forbidden` when it does not. */
export async function login(domain: string, options: RegistryOptions): Promise<void> {
  const registry = new Repository({ domain, path: "" }, options);
  try {
    await registry.login();
  } finally {
    await registry.close();
  }
}

/** Every tag of a repository. */
export async function tagsOf(reference: Reference, options: RegistryOptions): Promise<string[]> {
  const repository = new Repository(reference, options);
  try {
    return await repository.tags();
  } finally {
    await repository.close();
  }
}

/** What a registry says of a reference, and the platforms it offers; nothing is stored. */
export async function inspectRemote(
  reference: Reference,
  options: RegistryOptions,
): Promise<{ descriptor: Descriptor; platforms: Platform[] }> {
  const repository = new Repository(reference, options);
  try {
    const { bytes, digest } = await repository.manifest(
      reference.digest ?? reference.tag ?? "latest",
    );
    const manifest = readManifest(bytes);
    const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.length };
    const platforms =
      manifest.kind === "index"
        ? manifest.manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platform]))
        : [];
    return { descriptor, platforms: platforms.filter(({ os }) => os !== "unknown") };
  } finally {
    await repository.close();
  }
}

async function resolve(
  repository: Repository,
  top: FetchedManifest,
  { reference, platform }: PullRequest,
): Promise<FetchedManifest> {
  const manifest = readManifest(top.bytes);
  if (manifest.kind === "manifest") return top;
  const wanted = platform ?? hostPlatform();
  const entry = choosePlatform(manifest.manifests, wanted);
  if (entry === undefined) {
    const offered = manifest.manifests.flatMap((one) =>
      one.platform === undefined || one.platform.os === "unknown"
        ? []
        : [formatPlatform(one.platform)],
    );
    throw new FairleadError(
      "not_found",
      `no matching manifest for ${formatPlatform(wanted)} in ${familiarReference(reference)}`,
      { hint: `it offers ${offered.slice(0, 20).join(", ") || "no platform at all"}` },
    );
  }
  if (entry.size > MANIFEST_BYTES) {
    throw new FairleadError("invalid", `the manifest has more than ${MANIFEST_BYTES} bytes`);
  }
  return repository.manifest(entry.digest);
}

/** Resumes a transfer that breaks off, as long as it gets on. */
async function fetchBlob(
  content: Content,
  repository: Repository,
  blob: Descriptor,
  onBytes: (total: number) => void,
  signal: AbortSignal | undefined,
): Promise<"exists" | "stored"> {
  let held = -1;
  let stuck = 0;
  while (true) {
    try {
      return await content.blobs.fetch(
        {
          digest: blob.digest,
          sizeBytes: blob.size,
          onBytes,
          ...(signal === undefined ? {} : { signal }),
        },
        (offset) => repository.blob(blob.digest, offset),
      );
    } catch (error) {
      signal?.throwIfAborted();
      const now = await content.blobs.partialSize(blob.digest);
      // Each attempt that gets on makes the blob longer, so this ends; five that do not end it too.
      stuck = now > held ? 0 : stuck + 1;
      held = now;
      if (stuck >= 4 || !(isPassing(error) || isShort(error))) throw error;
      await repository.transport.pause(stuck + 1, undefined, signal);
    }
  }
}

function isShort(error: unknown): boolean {
  return error instanceof FairleadError && error.code === "unavailable";
}

async function name(
  content: Content,
  id: string,
  reference: Reference,
  digest: string,
): Promise<boolean> {
  const { domain, path, tag } = reference;
  const names = [formatReference({ domain, path, digest })];
  if (reference.digest === undefined && tag !== undefined) {
    names.push(formatReference({ domain, path, tag }));
  }
  const fresh = names.filter((text) => content.catalog.named(text)?.id !== id);
  for (const text of fresh) await content.catalog.tag(id, text);
  return fresh.length > 0;
}

function familiarPath({ domain, path }: Reference): string {
  return domain === "docker.io" ? path : `${domain}/${path}`;
}
