// Makes an image of another and a layer on top of it, as `docker commit` does.
import type { Readable } from "node:stream";
import { asDiskFull } from "../state/disk-full.ts";
import { assemble } from "./assemble.ts";
import type { Content } from "./content.ts";
import { digestOf } from "./digest.ts";
import { type ImageDocument, MANIFEST_BYTES, MEDIA, readManifest } from "./manifest.ts";
import { Spool } from "./spool.ts";

export interface CommitRequest {
  /** Digest of the manifest of the image below. */
  manifest: string;
  document: ImageDocument;
  config: NonNullable<ImageDocument["config"]>;
  /** An uncompressed layer; none when nothing was changed. */
  layer: Readable | undefined;
  author: string;
  comment: string;
  createdBy: string;
  signal?: AbortSignal;
}

/** The id of the image, which has no name yet. */
export async function commitLayer(content: Content, request: CommitRequest): Promise<string> {
  const below = readManifest(await content.blobs.read(request.manifest, MANIFEST_BYTES));
  const layers = below.kind === "manifest" ? [...below.layers] : [];
  const spool = await Spool.open(content.directory);
  try {
    const added = request.layer && (await spool.write(request.layer));
    const bytes = Buffer.from(JSON.stringify(documentOf(request, added?.digest)));
    const config = { mediaType: MEDIA.config, digest: digestOf(bytes), size: bytes.length };
    if (added) layers.push({ mediaType: MEDIA.layer, digest: added.digest, size: added.size });
    const manifest = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers };
    const { id } = await assemble(content, {
      manifest: Buffer.from(JSON.stringify(manifest)),
      progress: () => undefined,
      fetch: async ({ digest }) => {
        if ((await content.blobs.size(digest)) !== undefined) return "exists";
        if (digest === config.digest) await content.blobs.put(bytes);
        else if (digest === added?.digest) await content.blobs.adopt(added.path, digest);
        return "stored";
      },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return id;
  } catch (error) {
    throw await asDiskFull(error, content.directory);
  } finally {
    request.layer?.destroy();
    await spool.dispose();
  }
}

function documentOf(request: CommitRequest, layer: string | undefined): ImageDocument {
  const { document, config, author, comment, createdBy } = request;
  const created = new Date().toISOString();
  const step = {
    created,
    created_by: createdBy,
    ...(author === "" ? {} : { author }),
    ...(comment === "" ? {} : { comment }),
    ...(layer === undefined ? { empty_layer: true } : {}),
  };
  const { author: _, ...rest } = document;
  return {
    ...rest,
    created,
    ...(author === "" ? {} : { author }),
    config,
    rootfs: {
      type: "layers",
      diff_ids: [...document.rootfs.diff_ids, ...(layer === undefined ? [] : [layer])],
    },
    history: [...(document.history ?? []), step],
  };
}
