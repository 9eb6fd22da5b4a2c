// An image that another host has, as one that can be delivered: its layers are read from there when
// they are sent, and only those that are missing at the other end.
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { StoredImage } from "../../../resources/wire.ts";
import { readArchive } from "../image-source/archive.ts";
import { type Blob, blobOf, type LocalImage, MEDIA_TYPES } from "../image-source/source.ts";
import type { DockerClient } from "./client.ts";
import { imagePath } from "./image.ts";

const SILENT_MS = 120_000;
const LARGEST_DOCUMENT = 8 * 1024 * 1024;

interface Descriptor {
  mediaType?: string;
  digest: string;
  size: number;
}

/** Does the work with the image that a host has under a name. */
export async function withImage<T>(
  client: DockerClient,
  name: string,
  platform: string,
  work: (image: LocalImage) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (client.can.takesBlobs) return work(await readStored(client, name, signal));
  // Such an engine gives its images away as one archive only.
  const folder = await mkdtemp(join(tmpdir(), "fairlead-image-"));
  try {
    const path = join(folder, "image.tar");
    const answer = await client.stream({
      ...{ method: "GET", path: imagePath(name, "/get"), signal, idleTimeoutMs: SILENT_MS },
    });
    await pipeline(answer.body, createWriteStream(path, { mode: 0o600 }));
    return await work(await readArchive(path, { platform }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readStored(
  client: DockerClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<LocalImage> {
  const stored = await client.json<StoredImage>({
    ...{ method: "GET", path: `/fairlead/images/${name}`, signal },
  });
  const bytes = await document(client, stored.manifest, signal);
  const manifest = JSON.parse(bytes.toString("utf8")) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  const config = await document(client, manifest.config.digest, signal);
  return {
    id: stored.id,
    config: blobOf(config, manifest.config.mediaType ?? MEDIA_TYPES.config),
    layers: manifest.layers.map((layer) => remoteBlob(client, layer, signal)),
    manifest: blobOf(bytes, MEDIA_TYPES.manifest),
  };
}

async function document(
  client: DockerClient,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { body } = await blobFrom(client, digest, 0, signal);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += (chunk as Buffer).length;
    if (length > LARGEST_DOCUMENT) throw new FairleadError("invalid", `${digest} is oversized`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function remoteBlob(
  client: DockerClient,
  { digest, size, mediaType = MEDIA_TYPES.layer }: Descriptor,
  signal: AbortSignal | undefined,
): Blob {
  const open = (offset: number) =>
    Readable.from(
      (async function* () {
        yield* (await blobFrom(client, digest, offset, signal)).body;
      })(),
      { objectMode: false },
    );
  return { digest, sizeBytes: size, mediaType, open };
}

function blobFrom(
  client: DockerClient,
  digest: string,
  offset: number,
  signal: AbortSignal | undefined,
) {
  return client.stream({
    ...{ method: "GET", path: `/fairlead/blobs/${digest}`, signal, idleTimeoutMs: SILENT_MS },
    headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
  });
}
