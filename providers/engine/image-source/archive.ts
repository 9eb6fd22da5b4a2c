// Images in tar files, as `docker save` and OCI tools write them. Nothing is unpacked to disk:
// layers are read from their place in the archive.
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { normalizeReference } from "../../../resources/model/reference.ts";
import { compressionOf, measure, onceForFile } from "./measure.ts";
import { type Blob, blobOf, imageOf, type LocalImage, MEDIA_TYPES } from "./source.ts";
import { indexTar, type TarIndex } from "./tar-index.ts";

export interface ArchiveChoice {
  /** Which image of several. */
  tag?: string | undefined;
  /** Which platform of several, such as `linux/arm64`. */
  platform: string;
}

interface Descriptor {
  mediaType?: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: { os?: string; architecture?: string; variant?: string };
}

interface SavedImage {
  Config: string;
  RepoTags?: string[] | null;
  Layers: string[];
}

const LONGEST_DOCUMENT = 8 * 1024 * 1024;
const DEEPEST_INDEX = 4;

/** The image of an archive; throws `invalid` with what is wrong with the file. */
export async function readArchive(path: string, choice: ArchiveChoice): Promise<LocalImage> {
  const purpose = `archive ${choice.tag ?? ""} ${choice.platform}`;
  return onceForFile(path, purpose, async () => {
    if ((await compressionOf(path)) !== "none") {
      throw refuse(path, "it is compressed", "Unpack it first, for example with gunzip.");
    }
    const file = await open(path);
    try {
      const archive = { path, file, index: await indexTar(path) };
      if (archive.index.has("index.json")) return await readLayout(archive, choice);
      if (archive.index.has("manifest.json")) return await readSaved(archive, choice);
    } finally {
      await file.close();
    }
    throw refuse(path, "it has neither manifest.json nor index.json", "Use docker save or skopeo.");
  });
}

interface Archive {
  path: string;
  file: FileHandle;
  index: TarIndex;
}

async function readLayout(archive: Archive, choice: ArchiveChoice): Promise<LocalImage> {
  const index = await documentOf<{ manifests?: Descriptor[] }>(archive, "index.json");
  let candidates = named(archive, index.manifests ?? [], choice);
  for (let depth = 0; depth < DEEPEST_INDEX; depth += 1) {
    const chosen = onlyOne(archive, candidates, choice);
    const name = blobName(archive, chosen.digest);
    const bytes = await bytesOf(archive, name);
    const document = parse<{
      manifests?: Descriptor[];
      config?: Descriptor;
      layers?: Descriptor[];
    }>(archive, name, bytes);
    if (document.manifests) {
      candidates = document.manifests;
      continue;
    }
    if (!document.config || !document.layers) throw refuse(archive.path, `${name} is no manifest`);
    const config = await bytesOf(archive, blobName(archive, document.config.digest));
    const layers = document.layers.map((layer) => layerAt(archive, layer));
    return withManifest(config, layers, bytes, document.config);
  }
  throw refuse(archive.path, `its indexes nest deeper than ${DEEPEST_INDEX}`);
}

// The manifest goes to the host as it is in the archive, so that its digest stays the same.
function withManifest(
  configBytes: Buffer,
  layers: Blob[],
  manifestBytes: Buffer,
  { mediaType, digest }: Descriptor,
): LocalImage {
  const config = blobOf(configBytes, mediaType ?? MEDIA_TYPES.config);
  if (config.digest !== digest) {
    throw new FairleadError("invalid", `the configuration ${digest} has other bytes`);
  }
  return {
    id: config.digest,
    config,
    layers,
    manifest: blobOf(manifestBytes, MEDIA_TYPES.manifest),
  };
}

async function readSaved(archive: Archive, choice: ArchiveChoice): Promise<LocalImage> {
  const saved = await documentOf<SavedImage[]>(archive, "manifest.json");
  const tag = choice.tag === undefined ? undefined : normalizeReference(choice.tag);
  const matching = saved.filter(
    ({ RepoTags }) => tag === undefined || RepoTags?.some((one) => normalizeReference(one) === tag),
  );
  const [image, ...others] = matching;
  if (!image || others.length > 0) {
    throw ambiguous(
      archive,
      matching.length,
      saved.flatMap(({ RepoTags }) => RepoTags ?? []),
    );
  }
  const config = await bytesOf(archive, posix.normalize(image.Config));
  const layers = await Promise.all(
    image.Layers.map(async (name): Promise<Blob> => {
      const entry = entryOf(archive, posix.normalize(name));
      const { digest } = await measure(entry.open(0));
      return { digest, sizeBytes: entry.sizeBytes, mediaType: MEDIA_TYPES.layer, open: entry.open };
    }),
  );
  return imageOf(config, layers);
}

function named(archive: Archive, all: Descriptor[], { tag }: ArchiveChoice): Descriptor[] {
  if (tag === undefined) return all;
  const matching = all.filter(({ annotations }) => {
    const names = [
      annotations?.["io.containerd.image.name"],
      annotations?.["org.opencontainers.image.ref.name"],
    ];
    return names.includes(tag) || names.some((name) => same(name, tag));
  });
  if (matching.length === 0) throw ambiguous(archive, 0, []);
  return matching;
}

function same(name: string | undefined, tag: string): boolean {
  if (name === undefined) return false;
  try {
    return normalizeReference(name) === normalizeReference(tag);
  } catch {
    // A ref name in a layout may be any text; one that is no reference matches by itself only.
    return false;
  }
}

function onlyOne(archive: Archive, all: Descriptor[], { platform }: ArchiveChoice): Descriptor {
  const [os, architecture, variant] = platform.split("/");
  const images = all.filter(({ platform: of }) => of?.os !== "unknown");
  const fitting = images.filter(
    ({ platform: of }) =>
      of === undefined ||
      (of.os === os &&
        of.architecture === architecture &&
        (variant === undefined || of.variant === undefined || of.variant === variant)),
  );
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0 && images.length > 0) {
    throw refuse(archive.path, `it has no image for ${platform}`);
  }
  throw ambiguous(archive, fitting.length, []);
}

function layerAt(archive: Archive, { digest, mediaType, size }: Descriptor): Blob {
  const entry = entryOf(archive, blobName(archive, digest));
  if (entry.sizeBytes !== size) throw refuse(archive.path, `layer ${digest} has another size`);
  return { digest, sizeBytes: size, mediaType: mediaType ?? MEDIA_TYPES.layer, open: entry.open };
}

function entryOf(archive: Archive, name: string) {
  const entry = archive.index.get(name);
  if (!entry) throw refuse(archive.path, `${JSON.stringify(name)} is missing in it`);
  const open = (offset: number): Readable =>
    offset >= entry.sizeBytes
      ? Readable.from([])
      : createReadStream(archive.path, {
          start: entry.offset + offset,
          end: entry.offset + entry.sizeBytes - 1,
        });
  return { sizeBytes: entry.sizeBytes, open };
}

async function bytesOf(archive: Archive, name: string): Promise<Buffer> {
  const { sizeBytes, open: from } = entryOf(archive, name);
  if (sizeBytes > LONGEST_DOCUMENT) throw refuse(archive.path, `${name} is oversized`);
  return Buffer.concat(await from(0).toArray());
}

async function documentOf<T>(archive: Archive, name: string): Promise<T> {
  return parse<T>(archive, name, await bytesOf(archive, name));
}

function parse<T>(archive: Archive, name: string, bytes: Buffer): T {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Told below, with the file's name.
  }
  throw refuse(archive.path, `${JSON.stringify(name)} is not what its name says`);
}

function blobName(archive: Archive, digest: unknown): string {
  const match = /^sha256:([a-f0-9]{64})$/.exec(String(digest));
  if (!match) throw refuse(archive.path, "a digest in it is malformed");
  return `blobs/sha256/${match[1]}`;
}

function ambiguous(archive: Archive, count: number, tags: string[]): FairleadError {
  const which = tags.length === 0 ? "" : `: ${tags.join(", ")}`;
  const what = count === 0 ? "has no such image" : `has ${count} images`;
  return refuse(archive.path, `it ${what}${which}`, "Say which one with archiveTag.");
}

function refuse(path: string, reason: string, hint?: string): FairleadError {
  return new FairleadError("invalid", `${path} cannot be used as an image: ${reason}`, {
    path,
    hint,
  });
}
