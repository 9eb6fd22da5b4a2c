// Writes images as an archive that docker, skopeo and podman load: an OCI layout with Docker's
// manifest.json beside it, as `docker save` does since version 25.

import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { familiarReference, parseReference } from "../../resources/model/reference.ts";
import type { ImageRecord } from "./catalog.ts";
import type { Content } from "./content.ts";
import { digestOf, hexOf } from "./digest.ts";
import { type Descriptor, MANIFEST_BYTES, MEDIA, readManifest } from "./manifest.ts";

export interface SaveRequest {
  image: ImageRecord;
  /** Full names to keep in the archive. */
  names: string[];
}

interface Planned extends SaveRequest {
  manifest: Buffer;
  config: Descriptor;
  layers: Descriptor[];
}

/** The archive as a stream; `internal` before the first byte when a blob is not there. */
export async function save(content: Content, requests: SaveRequest[]): Promise<Readable> {
  const images = await Promise.all(requests.map((request) => plan(content, request)));
  const archive = pack();
  content.leases
    .during(async (keep) => {
      for (const { image } of images) keep(...image.blobs, ...image.chain);
      await write(content, images, archive);
    })
    .catch((error: Error) => archive.destroy(error));
  // streamx streams keep the contract of Node's, but not its type.
  return archive as unknown as Readable;
}

/** The manifest of an image whose blobs are all here, stored as a blob too; its digest. */
export async function wholeManifest(content: Content, image: ImageRecord): Promise<string> {
  const { manifest } = await plan(content, { image, names: [] });
  return content.blobs.put(manifest);
}

async function plan(content: Content, request: SaveRequest): Promise<Planned> {
  const bytes = await content.blobs.read(request.image.manifest, MANIFEST_BYTES);
  const manifest = readManifest(bytes);
  if (manifest.kind !== "manifest") {
    throw new FairleadError("internal", `image ${request.image.id} has no manifest of its own`);
  }
  const { config, layers } = manifest;
  const sizes = await Promise.all(layers.map(({ digest }) => content.blobs.size(digest)));
  if (!sizes.includes(undefined)) return { ...request, manifest: bytes, config, layers };
  // A layer that another image brought in another compression: the same files, another blob.
  const held = await Promise.all(request.image.chain.map((id) => content.layers.find(id)));
  const others = held.map((layer) => layer?.blob);
  if (!others.every((blob) => blob !== undefined)) {
    throw new FairleadError("internal", `a layer of ${request.image.id} is missing`, {
      hint: "pull the image again",
    });
  }
  const value = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: others };
  return { ...request, manifest: Buffer.from(JSON.stringify(value)), config, layers: others };
}

async function write(content: Content, images: Planned[], archive: Pack): Promise<void> {
  const written = new Set<string>();
  for (const { manifest, config, layers } of images) {
    for (const blob of [...layers, config]) {
      if (written.has(blob.digest)) continue;
      written.add(blob.digest);
      await writeBlob(content, blob, archive);
    }
    writeFile(archive, blobName(digestOf(manifest)), manifest);
  }
  writeFile(archive, "oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  writeFile(archive, "index.json", Buffer.from(JSON.stringify(indexOf(images))));
  writeFile(archive, "manifest.json", Buffer.from(JSON.stringify(images.map(listEntry))));
  archive.finalize();
}

function indexOf(images: Planned[]): object {
  const manifests = images.flatMap(({ manifest, names }) => {
    const mediaType = (JSON.parse(manifest.toString("utf8")) as { mediaType?: string }).mediaType;
    const descriptor = {
      mediaType: mediaType ?? MEDIA.manifest,
      digest: digestOf(manifest),
      size: manifest.length,
    };
    if (names.length === 0) return [descriptor];
    return names.map((name) => ({
      ...descriptor,
      annotations: {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": parseReference(name).tag ?? "latest",
      },
    }));
  });
  return { schemaVersion: 2, mediaType: MEDIA.index, manifests };
}

function listEntry({ config, layers, names }: Planned): object {
  return {
    Config: blobName(config.digest),
    RepoTags: names.map((name) => familiarReference(parseReference(name))),
    Layers: layers.map(({ digest }) => blobName(digest)),
  };
}

async function writeBlob(content: Content, blob: Descriptor, archive: Pack): Promise<void> {
  const size = await content.blobs.size(blob.digest);
  if (size === undefined) {
    throw new FairleadError("internal", `blob ${blob.digest} is missing from the store`);
  }
  const entry = archive.entry({ name: blobName(blob.digest), size, mtime: new Date(0) });
  await pipeline(content.blobs.verified(blob.digest), entry as unknown as NodeJS.WritableStream);
}

function writeFile(archive: Pack, name: string, content: Buffer): void {
  archive.entry({ name, mtime: new Date(0) }, content);
}

function blobName(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
