// Makes tiny images for tests: as content (blobs), docker archive, OCI layout or in a registry.
// It shares no code with the agent, so that both cannot be wrong in the same way.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

export type Entry = Partial<Omit<Header, "name">> & { name: string; content?: string | Buffer };

export interface Blob {
  digest: string;
  bytes: Buffer;
}

export interface MadeImage {
  /** Reference such as `tiny:1`; used by the archives. */
  name: string;
  /** Docker's image id: the digest of the configuration. */
  id: string;
  config: Blob;
  /** As they travel: gzip unless the image was made with `compress: "none"`. */
  layers: Blob[];
  /** Uncompressed layers; their digests are the diff ids. */
  diffs: Blob[];
  manifest: Blob;
}

export interface ImageRecipe {
  name?: string;
  /** One list of tar entries per layer; default: busybox with sh, cat, sleep, httpd and more. */
  layers?: Entry[][];
  /** Docker's image configuration (Cmd, Env, …). */
  config?: Record<string, unknown>;
  compress?: "gzip" | "none";
  mediaTypes?: "oci" | "docker";
  os?: string;
  architecture?: string;
}

const TYPES = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    index: "application/vnd.oci.image.index.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    none: "application/vnd.oci.image.layer.v1.tar",
    gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    none: "application/vnd.docker.image.rootfs.diff.tar",
    gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
};

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function blobOf(content: Buffer | string | object): Blob {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return { digest: digestOf(bytes), bytes };
}

/** A tar archive of the entries, in their order. */
export async function tarOf(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) {
    if ((header.type ?? "file") === "file") archive.entry(header, content ?? "");
    else archive.entry(header);
  }
  archive.finalize();
  return buffer(archive);
}

/** Busybox and a link to it for each command that it knows and tests use. */
export function busyboxEntries(): Entry[] {
  const commands =
    "sh cat echo sleep true false ls id env hostname ip ps kill wget httpd nc nslookup head tail " +
    "seq dd df mount umount touch mkdir rm grep sed awk stat date printf test yes top chown " +
    "chmod ln ping find wc tee sync timeout";
  const directories = ["bin/", "etc/", "tmp/", "root/", "var/", "www/"];
  return [
    ...directories.map(
      (name): Entry => ({ name, type: "directory", mode: name === "tmp/" ? 0o1777 : 0o755 }),
    ),
    { name: "bin/busybox", mode: 0o755, content: readFileSync("/bin/busybox") },
    ...commands.split(" ").map(
      (command): Entry => ({
        name: `bin/${command}`,
        type: "symlink",
        linkname: "busybox",
        mode: 0o777,
      }),
    ),
    {
      name: "etc/passwd",
      content:
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" +
        "web:x:1000:1000::/www:/bin/sh\n",
    },
    { name: "etc/group", content: "root:x:0:\nnogroup:x:65534:\nweb:x:1000:\nextra:x:2000:web\n" },
  ];
}

/** Makes an image; the same recipe gives the same digests. */
export async function makeImage(recipe: ImageRecipe = {}): Promise<MadeImage> {
  const types = TYPES[recipe.mediaTypes ?? "oci"];
  const compress = recipe.compress ?? "gzip";
  const epoch = new Date(0);
  const diffs: Blob[] = [];
  for (const entries of recipe.layers ?? [busyboxEntries()]) {
    diffs.push(blobOf(await tarOf(entries.map((entry) => ({ mtime: epoch, ...entry })))));
  }
  const layers =
    compress === "none" ? diffs : diffs.map((diff) => blobOf(gzipSync(diff.bytes, { level: 1 })));
  const config = blobOf({
    architecture: recipe.architecture ?? (process.arch === "arm64" ? "arm64" : "amd64"),
    os: recipe.os ?? "linux",
    created: "2024-01-01T00:00:00Z",
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["sh"],
      ...recipe.config,
    },
    rootfs: { type: "layers", diff_ids: diffs.map((diff) => diff.digest) },
    history: diffs.map((_, at) => ({
      created: "2024-01-01T00:00:00Z",
      created_by: `layer ${at + 1}`,
    })),
  });
  const manifest = blobOf({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: config.digest, size: config.bytes.length },
    layers: layers.map((layer) => ({
      mediaType: types[compress],
      digest: layer.digest,
      size: layer.bytes.length,
    })),
  });
  const name = recipe.name ?? "tiny:latest";
  return { name, id: config.digest, config, layers, diffs, manifest };
}

/** An image index (manifest list) over images of several platforms. */
export function makeIndex(
  images: { image: MadeImage; os?: string; architecture: string; variant?: string }[],
  mediaTypes: "oci" | "docker" = "oci",
): Blob {
  const types = TYPES[mediaTypes];
  return blobOf({
    schemaVersion: 2,
    mediaType: types.index,
    manifests: images.map(({ image, os = "linux", architecture, variant }) => ({
      mediaType: types.manifest,
      digest: image.manifest.digest,
      size: image.manifest.bytes.length,
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    })),
  });
}

/** The archive that `docker save` wrote before version 25: manifest.json and layer.tar files. */
export async function dockerArchive(images: MadeImage[]): Promise<Buffer> {
  const entries = new Map<string, Buffer>();
  for (const image of images) {
    entries.set(`${hex(image.id)}.json`, image.config.bytes);
    for (const diff of image.diffs) entries.set(`${hex(diff.digest)}/layer.tar`, diff.bytes);
  }
  const manifest = images.map((image) => ({
    Config: `${hex(image.id)}.json`,
    RepoTags: [image.name],
    Layers: image.diffs.map((diff) => `${hex(diff.digest)}/layer.tar`),
  }));
  entries.set("manifest.json", Buffer.from(JSON.stringify(manifest)));
  return tarOf([...entries].map(([name, content]) => ({ name, content })));
}

/** An OCI layout as a tar archive; names go to the annotations that containerd and skopeo read. */
export async function ociLayout(images: MadeImage[]): Promise<Buffer> {
  const blobs = images.flatMap((image) => [image.config, image.manifest, ...image.layers]);
  const index = {
    schemaVersion: 2,
    mediaType: TYPES.oci.index,
    manifests: images.map((image) => ({
      mediaType: JSON.parse(image.manifest.bytes.toString()).mediaType,
      digest: image.manifest.digest,
      size: image.manifest.bytes.length,
      annotations: {
        "io.containerd.image.name": qualified(image.name),
        "org.opencontainers.image.ref.name": image.name.split(":").at(-1),
      },
    })),
  };
  const entries: Entry[] = [
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: "index.json", content: JSON.stringify(index) },
  ];
  for (const [digest, bytes] of new Map(blobs.map((blob) => [blob.digest, blob.bytes]))) {
    entries.push({ name: `blobs/sha256/${hex(digest)}`, content: bytes });
  }
  return tarOf(entries);
}

/** Puts an image into a registry such as `http://127.0.0.1:5000` under REPOSITORY:TAG. */
export async function pushImage(
  registryUrl: string,
  repository: string,
  tag: string,
  image: MadeImage,
): Promise<void> {
  for (const blob of [image.config, ...image.layers]) await pushBlob(registryUrl, repository, blob);
  await pushManifest(registryUrl, repository, tag, image.manifest);
}

/** Uploads one blob (POST, then PUT) unless the registry has it. */
export async function pushBlob(registryUrl: string, repository: string, blob: Blob): Promise<void> {
  const base = `${registryUrl}/v2/${repository}/blobs`;
  if ((await fetch(`${base}/${blob.digest}`, { method: "HEAD" })).ok) return;
  const opened = await fetch(`${base}/uploads/`, { method: "POST" });
  const target = new URL(opened.headers.get("location") ?? "", registryUrl);
  target.searchParams.set("digest", blob.digest);
  const put = await fetch(target, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(blob.bytes),
  });
  if (!put.ok) throw new Error(`push of ${blob.digest}: ${put.status} ${await put.text()}`);
}

/** Puts a manifest or an index under a tag or digest. */
export async function pushManifest(
  registryUrl: string,
  repository: string,
  reference: string,
  manifest: Blob,
): Promise<void> {
  const put = await fetch(`${registryUrl}/v2/${repository}/manifests/${reference}`, {
    method: "PUT",
    headers: { "content-type": JSON.parse(manifest.bytes.toString()).mediaType },
    body: new Uint8Array(manifest.bytes),
  });
  if (!put.ok) throw new Error(`push of ${reference}: ${put.status} ${await put.text()}`);
}

function hex(digest: string): string {
  return digest.slice("sha256:".length);
}

function qualified(name: string): string {
  const [first = ""] = name.split("/");
  if (name.includes("/") && /[.:]|^localhost$/.test(first)) return name;
  return name.includes("/") ? `docker.io/${name}` : `docker.io/library/${name}`;
}
