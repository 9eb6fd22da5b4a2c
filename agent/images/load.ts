// Loads images from archives: what `docker save` writes, old and new, and OCI image layouts.
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import {
  familiarReference,
  formatReference,
  parseReference,
} from "../../resources/model/reference.ts";
import { asDiskFull } from "../state/disk-full.ts";
import { assemble } from "./assemble.ts";
import { compressionOf } from "./compression.ts";
import type { Content } from "./content.ts";
import { isDigest, show } from "./digest.ts";
import { type Descriptor, MANIFEST_BYTES, MEDIA, readManifest } from "./manifest.ts";
import { choosePlatform, hostPlatform, type Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";
import { Spool, SpooledArchive, type SpooledFile } from "./spool.ts";

export interface LoadRequest {
  archive: Readable;
  progress: Progress;
  /** What to take from an index in the archive; default: what this host runs. */
  platform?: Platform;
  signal?: AbortSignal;
}

export interface Loaded {
  id: string;
  /** Full names that the image got. */
  names: string[];
}

/** An image in an archive: its manifest, the names it wants, and where its blobs are. */
interface Found {
  manifest: Buffer;
  names: string[];
  files: Map<string, SpooledFile>;
}

const NESTING = 4;

/** Loads every image of an archive; none when the archive is damaged. */
export async function load(content: Content, request: LoadRequest): Promise<Loaded[]> {
  const spool = await Spool.open(content.directory);
  try {
    const archive = await SpooledArchive.read(spool, request.archive, request.signal);
    const loaded: Loaded[] = [];
    for (const image of await imagesIn(archive, request.platform ?? hostPlatform())) {
      loaded.push(await store(content, image, request));
    }
    return loaded;
  } catch (error) {
    throw await asDiskFull(error, content.directory);
  } finally {
    request.archive.destroy();
    await spool.dispose();
  }
}

async function store(content: Content, image: Found, request: LoadRequest): Promise<Loaded> {
  const { progress, signal } = request;
  const { id } = await assemble(content, {
    manifest: image.manifest,
    progress: ({ status, ...rest }) =>
      progress({ ...rest, ...(status === "Extracting" ? { status: "Loading layer" } : {}) }),
    fetch: async (blob) => {
      if ((await content.blobs.size(blob.digest)) !== undefined) return "exists";
      const file = image.files.get(blob.digest);
      if (file === undefined) {
        throw new FairleadError("invalid", `the archive lacks the blob ${blob.digest}`);
      }
      if (file.size !== blob.size) {
        throw new FairleadError(
          "invalid",
          `blob ${blob.digest} has ${file.size} bytes, not ${blob.size}`,
        );
      }
      await content.blobs.adopt(file.path, file.digest);
      return "stored";
    },
    ...(signal === undefined ? {} : { signal }),
  });
  for (const name of image.names) {
    await content.catalog.tag(id, name);
    progress({ stream: `Loaded image: ${familiarReference(parseReference(name))}\n` });
  }
  if (image.names.length === 0) progress({ stream: `Loaded image ID: ${id}\n` });
  return { id, names: image.names };
}

async function imagesIn(archive: SpooledArchive, platform: Platform): Promise<Found[]> {
  const list = await readList(archive);
  const index = await archive.content("index.json", MANIFEST_BYTES);
  if (index !== undefined) return ociImages(archive, index, list ?? [], platform);
  if (list !== undefined) return list.map((entry) => dockerImage(archive, entry));
  throw new FairleadError("invalid", "the archive holds no image", {
    hint: "it needs a manifest.json (docker save) or an index.json (OCI layout)",
  });
}

interface ListEntry {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}

/** manifest.json of `docker save`. */
async function readList(archive: SpooledArchive): Promise<ListEntry[] | undefined> {
  const bytes = await archive.content("manifest.json", MANIFEST_BYTES);
  if (bytes === undefined) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(bytes.toString("utf8"));
  } catch {
    list = undefined;
  }
  const texts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((text) => typeof text === "string");
  const entries = Array.isArray(list) ? list : [];
  const good = entries.every((entry) => typeof entry?.Config === "string" && texts(entry.Layers));
  if (!Array.isArray(list) || !good) {
    throw new FairleadError("invalid", "the archive's manifest.json has the wrong shape");
  }
  return entries.map(({ Config, RepoTags, Layers }) => ({
    Config,
    Layers,
    RepoTags: texts(RepoTags) ? RepoTags.map(fullName) : [],
  }));
}

function dockerImage(archive: SpooledArchive, entry: ListEntry): Found {
  const config = need(archive, entry.Config);
  const layers = entry.Layers.map((name) => need(archive, name));
  const describe = (mediaType: string, { digest, size }: SpooledFile) => ({
    mediaType,
    digest,
    size,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      config: describe(MEDIA.config, config),
      layers: layers.map((layer) => describe(layerType(layer), layer)),
    }),
  );
  const files = new Map([config, ...layers].map((file) => [file.digest, file]));
  return { manifest, names: entry.RepoTags, files };
}

async function ociImages(
  archive: SpooledArchive,
  index: Buffer,
  list: ListEntry[],
  platform: Platform,
): Promise<Found[]> {
  const top = readManifest(index);
  if (top.kind !== "index") throw new FairleadError("invalid", "index.json is not an index");
  const found = new Map<string, Found>();
  for (const descriptor of top.manifests) {
    if (descriptor.annotations?.["vnd.docker.reference.type"] !== undefined) continue;
    const image = await ociImage(archive, descriptor, platform, 0);
    if (image === undefined) continue;
    const key = image.manifest.toString("latin1");
    const names = nameOf(descriptor, image, list);
    found.set(key, { ...image, names: [...(found.get(key)?.names ?? []), ...names] });
  }
  if (found.size === 0) {
    throw new FairleadError("not_found", "the archive holds no image for this platform");
  }
  return [...found.values()].map((image) => ({ ...image, names: [...new Set(image.names)] }));
}

async function ociImage(
  archive: SpooledArchive,
  descriptor: Descriptor,
  platform: Platform,
  depth: number,
): Promise<Found | undefined> {
  if (depth > NESTING) throw new FairleadError("invalid", "indexes are nested too deeply");
  const bytes = await blobContent(archive, descriptor.digest);
  const manifest = readManifest(bytes);
  if (manifest.kind === "index") {
    const entry = choosePlatform(manifest.manifests, platform);
    return entry === undefined ? undefined : ociImage(archive, entry, platform, depth + 1);
  }
  const files = new Map<string, SpooledFile>();
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    files.set(digest, blobFile(archive, digest));
  }
  return { manifest: bytes, names: [], files };
}

/** From the annotations that containerd and skopeo write, or from manifest.json beside. */
function nameOf({ annotations = {} }: Descriptor, image: Found, list: ListEntry[]): string[] {
  const config = readManifest(image.manifest);
  const digest = config.kind === "manifest" ? config.config.digest : "";
  const listed = list.filter(({ Config }) => `sha256:${Config.split("/").at(-1)}` === digest);
  if (listed.length > 0) return listed.flatMap(({ RepoTags }) => RepoTags);
  const name = annotations["io.containerd.image.name"];
  if (name !== undefined) return [fullName(name)];
  const ref = annotations["org.opencontainers.image.ref.name"];
  // A bare tag names no repository, so it cannot become a name.
  return ref !== undefined && /[/:]/.test(ref) ? [fullName(ref)] : [];
}

function fullName(text: string): string {
  const { domain, path, tag = "latest" } = parseReference(text);
  return formatReference({ domain, path, tag });
}

function need(archive: SpooledArchive, name: string): SpooledFile {
  const file = archive.find(name);
  if (file === undefined) {
    throw new FairleadError("invalid", `the archive names ${show(name)}, which it does not hold`);
  }
  return file;
}

function blobFile(archive: SpooledArchive, digest: string): SpooledFile {
  const file = isDigest(digest)
    ? archive.find(`blobs/sha256/${digest.slice("sha256:".length)}`)
    : undefined;
  if (file === undefined) {
    throw new FairleadError("invalid", `the archive lacks the blob ${show(digest)}`);
  }
  if (file.digest !== digest) {
    throw new FairleadError(
      "invalid",
      `digest mismatch: ${digest} in the archive is ${file.digest}`,
    );
  }
  return file;
}

async function blobContent(archive: SpooledArchive, digest: string): Promise<Buffer> {
  blobFile(archive, digest);
  const name = `blobs/sha256/${digest.slice("sha256:".length)}`;
  return (await archive.content(name, MANIFEST_BYTES)) ?? Buffer.alloc(0);
}

/** The media type of a layer by its first bytes. */
export function layerType({ head }: Pick<SpooledFile, "head">): string {
  const compression = compressionOf(head);
  return compression === "none" ? MEDIA.layer : `${MEDIA.layer}+${compression}`;
}
