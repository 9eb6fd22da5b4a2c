// An image on top of another, for docker commit.
import { type CommitRequest, commitLayer } from "../../images/commit.ts";
import type { Content } from "../../images/content.ts";
import { MANIFEST_BYTES, readImageDocument } from "../../images/manifest.ts";
import { missingImage, tagName } from "./name.ts";

export interface CommitWish extends Omit<CommitRequest, "manifest" | "document"> {
  name: string | undefined;
}

/** The new image's id; the one below may be one that only a container keeps. */
export async function commitImage(
  content: Content,
  below: string,
  { name, ...wish }: CommitWish,
): Promise<string> {
  const full = name === undefined ? undefined : tagName(name);
  const record = content.catalog.get(below);
  if (record === undefined) throw missingImage(below);
  const document = readImageDocument(await content.blobs.read(below, MANIFEST_BYTES));
  const id = await commitLayer(content, { manifest: record.manifest, document, ...wish });
  if (full !== undefined) await content.catalog.tag(id, full);
  return id;
}
