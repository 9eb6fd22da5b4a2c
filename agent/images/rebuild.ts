// Makes the list of images anew from the content store, after images.json was lost: an image is
// there when its manifest, its configuration and its layers are. Names are in no blob.
import { recordImage } from "./assemble.ts";
import type { Content } from "./content.ts";
import { chainIdsOf } from "./layer-store.ts";
import { MANIFEST_BYTES, readImageDocument, readManifest } from "./manifest.ts";

/** How many images were found again. */
export async function rebuildCatalog(content: Content): Promise<number> {
  let found = 0;
  for (const { digest, partial } of await content.blobs.list()) {
    if (!partial && (await isImage(content, digest))) found += 1;
  }
  await content.catalog.save();
  return found;
}

/** Records the image of a blob that is the manifest of a whole one; anything else is none. */
async function isImage(content: Content, digest: string): Promise<boolean> {
  const size = await content.blobs.size(digest);
  if (size === undefined || size > MANIFEST_BYTES) return false;
  try {
    const manifest = readManifest(await content.blobs.read(digest, MANIFEST_BYTES));
    if (manifest.kind !== "manifest") return false;
    const { config, layers } = manifest;
    const document = readImageDocument(await content.blobs.read(config.digest, MANIFEST_BYTES));
    const chain = chainIdsOf(document.rootfs.diff_ids);
    for (const [at, chainId] of chain.entries()) {
      if ((await content.layers.find(chainId)) !== undefined) continue;
      if ((await content.blobs.size(layers[at]?.digest ?? "")) === undefined) return false;
    }
    await recordImage(content, manifest, digest, chain);
    return true;
  } catch {
    // Most blobs are layers, and a damaged one makes no image.
    return false;
  }
}
