// An image on top of another, for docker commit.
import type { Readable } from "node:stream";
import { commitImage, type DocumentBase, layersOf, storeLayer } from "../../images/commit.ts";
import type { Content } from "../../images/content.ts";
import { type ImageDocument, MANIFEST_BYTES, readImageDocument } from "../../images/manifest.ts";
import { missingImage, tagName } from "./name.ts";

export interface CommitRequest {
  config: NonNullable<ImageDocument["config"]>;
  /** An uncompressed layer; none when nothing was changed. */
  layer: Readable | undefined;
  author: string;
  comment: string;
  createdBy: string;
  name: string | undefined;
}

/** The new image's id; the one below may be one that only a container keeps. */
export async function commitOnto(
  content: Content,
  below: string,
  request: CommitRequest,
): Promise<string> {
  const full = request.name === undefined ? undefined : tagName(request.name);
  const record = content.catalog.get(below);
  if (record === undefined) throw missingImage(below);
  const document = readImageDocument(await content.blobs.read(below, MANIFEST_BYTES));
  const layers = await layersOf(content, record);
  if (request.layer) layers.push(await storeLayer(content, request.layer));
  const id = await commitImage(content, documentOf(document, request), layers);
  if (full !== undefined) await content.catalog.tag(id, full);
  return id;
}

function documentOf(below: ImageDocument, request: CommitRequest): DocumentBase {
  const { config, author, comment, createdBy, layer } = request;
  const created = new Date().toISOString();
  const step = {
    created,
    created_by: createdBy,
    ...(author === "" ? {} : { author }),
    ...(comment === "" ? {} : { comment }),
    ...(layer === undefined ? { empty_layer: true } : {}),
  };
  const { author: _, rootfs: __, ...rest } = below;
  return {
    ...rest,
    created,
    ...(author === "" ? {} : { author }),
    config,
    history: [...(below.history ?? []), step],
  };
}
