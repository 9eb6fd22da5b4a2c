// Makes an image from its manifest: gets what is missing, unpacks the layers, records the image.
// Where the blobs come from is the caller's affair.
import { FairleadError } from "../../resources/model/errors.ts";
import { asDiskFull, isDiskFull } from "../state/disk-full.ts";
import { collect } from "./collect.ts";
import type { Content } from "./content.ts";
import { digestOf, shortOf } from "./digest.ts";
import { chainIdsOf, type LayerRecord } from "./layer-store.ts";
import {
  type Descriptor,
  type ImageDocument,
  MANIFEST_BYTES,
  type Manifest,
  readImageDocument,
  readManifest,
} from "./manifest.ts";
import { byteCounter, type Progress } from "./progress.ts";

/** Gets one blob into the store. */
export type BlobSource = (
  blob: Descriptor,
  onBytes: (total: number) => void,
  signal: AbortSignal | undefined,
) => Promise<"exists" | "stored">;

export interface AssembleRequest {
  manifest: Buffer;
  fetch: BlobSource;
  progress: Progress;
  /** Asked before a layer is fetched: refuses a configuration that does not fit. */
  accept?: (document: ImageDocument) => void;
  /** Nothing can be brought: blobs of layers that are unpacked may be missing. */
  isRestore?: true;
  signal?: AbortSignal;
}

export interface Assembled {
  id: string;
  document: ImageDocument;
  /** Whether anything was fetched or unpacked. */
  changed: boolean;
}

const PARALLEL_DOWNLOADS = 3;

/** Makes the image and records it without a name; all or nothing, as far as users can see. */
export async function assemble(content: Content, request: AssembleRequest): Promise<Assembled> {
  const manifest = readManifest(request.manifest);
  if (manifest.kind !== "manifest") {
    throw new FairleadError("invalid", "an image needs the manifest of one platform");
  }
  const touched: string[] = [];
  try {
    return await content.leases.during((keep) =>
      make(content, manifest, request, (...names) => {
        touched.push(...names);
        keep(...names);
      }),
    );
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // What would speed up another attempt is worth less than a disk that others can write to.
    const everyImage = new Set(content.catalog.all().map(({ id }) => id));
    await collect(content, everyImage, touched);
    throw await asDiskFull(error, content.directory);
  }
}

async function make(
  content: Content,
  manifest: Manifest,
  request: AssembleRequest,
  keep: (...names: string[]) => void,
): Promise<Assembled> {
  const digest = digestOf(request.manifest);
  keep(digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest));
  const bytes = await readConfig(content, manifest, request);
  const document = readImageDocument(bytes);
  const diffIds = document.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    throw new FairleadError(
      "invalid",
      `the manifest has ${manifest.layers.length} layers, the configuration ${diffIds.length}`,
    );
  }
  request.accept?.(document);
  const chain = chainIdsOf(diffIds);
  keep(...chain);
  const changed = await makeLayers(content, manifest, diffIds, chain, request);
  await content.blobs.put(request.manifest);
  const known = content.catalog.get(manifest.config.digest);
  await recordImage(content, manifest, digest, chain);
  const fresh = known === undefined || known.removed === true;
  return { id: manifest.config.digest, document, changed: changed || fresh };
}

/** A configuration that was damaged on disk is fetched like one that was never there. */
async function readConfig(
  content: Content,
  { config }: Manifest,
  { fetch, signal }: AssembleRequest,
): Promise<Buffer> {
  if ((await content.blobs.size(config.digest)) !== undefined) {
    await content.blobs.isSound(config.digest);
  }
  await fetch(config, () => undefined, signal);
  return content.blobs.read(config.digest, MANIFEST_BYTES);
}

/** Puts an image whose blobs and layers are here on the list, without a name. */
export async function recordImage(
  content: Content,
  manifest: Manifest,
  digest: string,
  chain: string[],
): Promise<void> {
  const blobs = [digest, manifest.config.digest];
  let sizeBytes = 0;
  for (const chainId of chain) {
    const layer = await content.layers.find(chainId);
    sizeBytes += layer?.bytes ?? 0;
    if (layer !== undefined) blobs.push(layer.blob.digest);
  }
  for (const layer of manifest.layers) {
    if ((await content.blobs.size(layer.digest)) !== undefined) blobs.push(layer.digest);
  }
  const id = manifest.config.digest;
  const known = content.catalog.get(id)?.manifest;
  const kept = known !== undefined && (await content.blobs.size(known)) !== undefined;
  await content.catalog.put({
    id,
    manifest: kept ? known : digest,
    tags: [],
    digests: [],
    chain,
    blobs,
    sizeBytes,
  });
}

/** Downloads a few at a time, in order; unpacks each as soon as it and all below it are here. */
async function makeLayers(
  content: Content,
  { layers }: Manifest,
  diffIds: string[],
  chain: string[],
  request: AssembleRequest,
): Promise<boolean> {
  const stop = new AbortController();
  const signal =
    request.signal === undefined ? stop.signal : AbortSignal.any([request.signal, stop.signal]);
  const present = await Promise.all(chain.map((chainId) => content.layers.find(chainId)));
  for (const [at, layer] of layers.entries()) {
    const status = present[at] === undefined ? "Pulling fs layer" : "Already exists";
    request.progress({ status, progressDetail: {}, id: shortOf(layer.digest) });
  }
  const wanted: Descriptor[] = [];
  for (const [at, layer] of layers.entries()) {
    const here = present[at];
    if (here !== undefined && (request.isRestore || (await isKept(content, layer, here)))) continue;
    wanted.push(layer);
  }
  const downloads = startDownloads(wanted, request, signal);
  try {
    for (const [at, layer] of layers.entries()) {
      await downloads.get(layer.digest);
      if (present[at] !== undefined) continue;
      const place = { at, diffIds, chain };
      try {
        await unpackLayer(content, layer, place, request, signal);
      } catch (error) {
        // What the disk has damaged since it came is brought once more.
        signal.throwIfAborted();
        if (isDiskFull(error) || (await content.blobs.isSound(layer.digest))) throw error;
        await download(layer, request, signal);
        await unpackLayer(content, layer, place, request, signal);
      }
    }
  } catch (error) {
    stop.abort();
    await Promise.allSettled(downloads.values());
    throw error;
  }
  return wanted.length > 0;
}

/** Whether the blob of an unpacked layer is here, be it in another compression. */
async function isKept({ blobs }: Content, layer: Descriptor, { blob }: LayerRecord) {
  const sizes = await Promise.all([blobs.size(layer.digest), blobs.size(blob.digest)]);
  return sizes.some((size) => size !== undefined);
}

/** One promise for each distinct blob; at most three transfers run. */
function startDownloads(
  wanted: Descriptor[],
  request: AssembleRequest,
  signal: AbortSignal,
): Map<string, Promise<void>> {
  const lanes: Promise<unknown>[] = Array.from({ length: PARALLEL_DOWNLOADS }, async () => {});
  const found = new Map<string, Promise<void>>();
  for (const layer of wanted) {
    if (found.has(layer.digest)) continue;
    const lane = found.size % PARALLEL_DOWNLOADS;
    const work = Promise.resolve(lanes[lane])
      .catch(() => undefined)
      .then(() => download(layer, request, signal));
    // The loop that unpacks sees the failure when it comes to this layer.
    work.catch(() => undefined);
    lanes[lane] = work;
    found.set(layer.digest, work);
  }
  return found;
}

async function download(
  layer: Descriptor,
  { fetch, progress }: AssembleRequest,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const id = shortOf(layer.digest);
  await fetch(layer, byteCounter(progress, "Downloading", id, layer.size), signal);
  progress({ status: "Download complete", progressDetail: {}, id });
}

async function unpackLayer(
  content: Content,
  layer: Descriptor,
  place: { at: number; diffIds: string[]; chain: string[] },
  { progress }: AssembleRequest,
  signal: AbortSignal,
): Promise<void> {
  const id = shortOf(layer.digest);
  const count = byteCounter(progress, "Extracting", id, layer.size);
  await content.layers.ensure(
    {
      chainId: place.chain[place.at] ?? "",
      diffId: place.diffIds[place.at] ?? "",
      below: place.chain.slice(0, place.at),
      blob: layer,
      signal,
    },
    async () => {
      const stream = content.blobs.stream(layer.digest);
      let total = 0;
      stream.on("data", (chunk: Buffer) => {
        total += chunk.length;
        count(total);
      });
      stream.pause();
      return stream;
    },
  );
  progress({ status: "Pull complete", progressDetail: {}, id });
}
