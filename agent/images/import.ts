// Makes an image of one layer from a root file system archive.
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { asDiskFull } from "../state/disk-full.ts";
import { assemble } from "./assemble.ts";
import { applyChanges } from "./changes.ts";
import { decompress } from "./compression.ts";
import type { Content } from "./content.ts";
import { DigestStream, digestOf } from "./digest.ts";
import { layerType } from "./load.ts";
import { MEDIA } from "./manifest.ts";
import { hostPlatform, type Platform } from "./platform.ts";
import { Spool, type SpooledFile } from "./spool.ts";

export interface ImportRequest {
  archive: Readable;
  /** Dockerfile instructions, see changes.ts. */
  changes: readonly string[];
  message: string;
  platform?: Platform;
  signal?: AbortSignal;
}

/** Imports the archive, plain or compressed, and returns the id of the image, which has no name. */
export async function importRoot(content: Content, request: ImportRequest): Promise<string> {
  const config = applyChanges({}, request.changes);
  const spool = await Spool.open(content.directory);
  try {
    const layer = await spool.write(request.archive);
    const created = new Date().toISOString();
    const document = {
      created,
      ...(request.platform ?? hostPlatform()),
      config,
      rootfs: { type: "layers", diff_ids: [await diffIdOf(layer)] },
      history: [{ created, comment: request.message || "Imported from -" }],
    };
    return await assembleOne(content, layer, document, request.signal);
  } catch (error) {
    throw await asDiskFull(error, content.directory);
  } finally {
    request.archive.destroy();
    await spool.dispose();
  }
}

async function assembleOne(
  content: Content,
  layer: SpooledFile,
  document: object,
  signal: AbortSignal | undefined,
): Promise<string> {
  const bytes = Buffer.from(JSON.stringify(document));
  const config = { mediaType: MEDIA.config, digest: digestOf(bytes), size: bytes.length };
  const { digest, size } = layer;
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config,
    layers: [{ mediaType: layerType(layer), digest, size }],
  };
  const { id } = await assemble(content, {
    manifest: Buffer.from(JSON.stringify(manifest)),
    progress: () => undefined,
    fetch: async (blob) => {
      if ((await content.blobs.size(blob.digest)) !== undefined) return "exists";
      if (blob.digest === config.digest) await content.blobs.put(bytes);
      else await content.blobs.adopt(layer.path, layer.digest);
      return "stored";
    },
    ...(signal === undefined ? {} : { signal }),
  });
  return id;
}

async function diffIdOf(layer: SpooledFile): Promise<string> {
  const hashing = new DigestStream();
  const tar = await decompress(createReadStream(layer.path));
  tar.once("error", (error) => hashing.destroy(error));
  try {
    for await (const _ of tar.pipe(hashing)) {
      // Only the digest is wanted.
    }
  } catch (error) {
    const { message } = error as Error;
    throw new FairleadError("invalid", `the archive cannot be decompressed: ${message}`);
  }
  return hashing.digest();
}
