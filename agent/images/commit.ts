// Makes images out of layers that are here: the layers of another image, and one more on top.
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { asDiskFull } from "../state/disk-full.ts";
import { assemble } from "./assemble.ts";
import type { ImageRecord } from "./catalog.ts";
import { decompress } from "./compression.ts";
import type { Content } from "./content.ts";
import { DigestStream, digestOf } from "./digest.ts";
import { layerType } from "./load.ts";
import {
  type Descriptor,
  type ImageDocument,
  MANIFEST_BYTES,
  MEDIA,
  readManifest,
} from "./manifest.ts";
import { Spool } from "./spool.ts";

/** A layer in the content store. */
export interface StoredLayer {
  blob: Descriptor;
  diffId: string;
}

/** Everything of a configuration but its layers. */
export type DocumentBase = Omit<ImageDocument, "rootfs">;

/** Stores a layer's tar stream, compressed or not, as a blob. */
export async function storeLayer(content: Content, tar: Readable): Promise<StoredLayer> {
  const spool = await Spool.open(content.directory);
  try {
    const file = await spool.write(tar);
    const { digest, size } = file;
    const mediaType = layerType(file);
    const diffId = mediaType === MEDIA.layer ? digest : await diffIdOf(file.path);
    await content.blobs.adopt(file.path, digest);
    return { blob: { mediaType, digest, size }, diffId };
  } catch (error) {
    throw await asDiskFull(error, content.directory);
  } finally {
    tar.destroy();
    await spool.dispose();
  }
}

/** The layers of an image, as its manifest names them. */
export async function layersOf(content: Content, image: ImageRecord): Promise<StoredLayer[]> {
  const manifest = readManifest(await content.blobs.read(image.manifest, MANIFEST_BYTES));
  if (manifest.kind !== "manifest") throw new Error(`${image.id} has an index for a manifest`);
  const document = JSON.parse(
    String(await content.blobs.read(image.id, MANIFEST_BYTES)),
  ) as ImageDocument;
  return manifest.layers.map((blob, at) => ({ blob, diffId: document.rootfs.diff_ids[at]! }));
}

/** Records the image of these layers, lowest first, without a name; returns its id. */
export async function commitImage(
  content: Content,
  base: DocumentBase,
  layers: readonly StoredLayer[],
  signal?: AbortSignal,
): Promise<string> {
  const rootfs = { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) };
  const bytes = Buffer.from(JSON.stringify({ ...base, rootfs }));
  const config = { mediaType: MEDIA.config, digest: digestOf(bytes), size: bytes.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config,
    layers: layers.map(({ blob }) => blob),
  };
  const { id } = await assemble(content, {
    manifest: Buffer.from(JSON.stringify(manifest)),
    progress: () => undefined,
    fetch: async (blob) => {
      if ((await content.blobs.size(blob.digest)) !== undefined) return "exists";
      if (blob.digest !== config.digest) throw new Error(`the layer ${blob.digest} has gone`);
      await content.blobs.put(bytes);
      return "stored";
    },
    ...(signal === undefined ? {} : { signal }),
  });
  return id;
}

async function diffIdOf(path: string): Promise<string> {
  const hashing = new DigestStream();
  const tar = await decompress(createReadStream(path));
  tar.once("error", (error) => hashing.destroy(error));
  for await (const _ of tar.pipe(hashing)) {
    // Only the digest is wanted.
  }
  return hashing.digest();
}
