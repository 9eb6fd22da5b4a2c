// The JSON documents of an image, read from hostile bytes: index, manifest, configuration.
import { FairleadError } from "../../resources/model/errors.ts";
import { isDigest, show } from "./digest.ts";
import type { ImageConfig } from "./image-config.ts";
import { type Platform, readPlatform } from "./platform.ts";

/** The limit that the OCI distribution specification names for manifests. */
export const MANIFEST_BYTES = 4 * 1024 * 1024;
const LAYERS = 500;
const INDEX_ENTRIES = 1000;

export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
} as const;

const CONFIGS: string[] = [MEDIA.config, MEDIA.dockerConfig];
const LAYER_TYPES = new Set([
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd",
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
  "application/vnd.docker.image.rootfs.diff.tar.zstd",
]);

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
}

export interface Manifest {
  kind: "manifest";
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
}

export interface Index {
  kind: "index";
  mediaType: string;
  manifests: Descriptor[];
}

/** A whole image configuration: what containers need, and what inspect and history show. */
export interface ImageDocument extends ImageConfig {
  variant?: string;
  "os.version"?: string;
  author?: string;
  rootfs: { type: "layers"; diff_ids: string[] };
  history?: {
    created?: string;
    created_by?: string;
    author?: string;
    comment?: string;
    empty_layer?: boolean;
  }[];
}

/** Reads an index or a manifest; `invalid` says what is wrong with it. */
export function readManifest(bytes: Buffer): Manifest | Index {
  if (bytes.length > MANIFEST_BYTES) {
    throw new FairleadError("invalid", `the manifest has more than ${MANIFEST_BYTES} bytes`);
  }
  const value = readObject(bytes, "manifest");
  if (value.schemaVersion === 1) {
    throw new FairleadError("unsupported", "the image has a schema 1 manifest", {
      hint: "push it again with a tool of this decade: registries have dropped this form",
    });
  }
  if (value.schemaVersion !== 2) fail("manifest", "schemaVersion is not 2");
  // OCI makes mediaType optional; the members tell then.
  if (Array.isArray(value.manifests) && value.layers === undefined) {
    if (value.manifests.length > INDEX_ENTRIES) fail("index", "it has over 1000 entries");
    return {
      kind: "index",
      mediaType: textOr(value.mediaType, MEDIA.index),
      manifests: value.manifests.map((entry) => readDescriptor(entry, "index")),
    };
  }
  if (!Array.isArray(value.layers)) fail("manifest", "it has neither layers nor manifests");
  const config = readDescriptor(value.config, "manifest");
  if (!CONFIGS.includes(config.mediaType)) {
    throw new FairleadError("unsupported", `not a container image: ${show(config.mediaType)}`);
  }
  if (value.layers.length > LAYERS) fail("manifest", `it has over ${LAYERS} layers`);
  return {
    kind: "manifest",
    mediaType: textOr(value.mediaType, MEDIA.manifest),
    config,
    layers: value.layers.map(readLayer),
  };
}

/** Reads an image configuration; refuses what is no Linux image. */
export function readImageDocument(bytes: Buffer): ImageDocument {
  const value = readObject(bytes, "image configuration");
  const rootfs = value.rootfs as Record<string, unknown> | undefined;
  const diffs = rootfs?.diff_ids;
  if (!Array.isArray(diffs) || !diffs.every(isDigest)) {
    fail("image configuration", "rootfs.diff_ids is not a list of digests");
  }
  const os = textOr(value.os, "linux");
  if (os !== "linux") {
    throw new FairleadError("unsupported", `this is an image for ${show(os)}, not for linux`);
  }
  for (const [key, good] of Object.entries(CONFIG_SHAPE)) {
    const part = (value.config as Record<string, unknown> | undefined | null)?.[key];
    if (part !== undefined && part !== null && !good(part)) {
      fail("image configuration", `config.${key} has the wrong type`);
    }
  }
  const history = Array.isArray(value.history) ? value.history.filter(isObject) : undefined;
  return {
    ...value,
    os,
    architecture: textOr(value.architecture, "amd64"),
    ...(isObject(value.config) ? { config: value.config } : { config: {} }),
    rootfs: { type: "layers", diff_ids: diffs },
    ...(history === undefined ? {} : { history }),
  } as ImageDocument;
}

const CONFIG_SHAPE: Record<string, (value: unknown) => boolean> = {
  User: isText,
  WorkingDir: isText,
  StopSignal: isText,
  Env: isTextList,
  Entrypoint: isTextList,
  Cmd: isTextList,
  Volumes: isObject,
  ExposedPorts: isObject,
  Healthcheck: isObject,
  Labels: (value) => isObject(value) && Object.values(value).every(isText),
};

function readLayer(value: unknown): Descriptor {
  const layer = readDescriptor(value, "manifest");
  if (/nondistributable|foreign/.test(layer.mediaType)) {
    throw new FairleadError("unsupported", `layer ${layer.digest} is kept outside the registry`, {
      hint: "foreign (non-distributable) layers occur in Windows images only",
    });
  }
  if (!LAYER_TYPES.has(layer.mediaType)) {
    throw new FairleadError("unsupported", `not a layer of files: ${show(layer.mediaType)}`);
  }
  return layer;
}

function readDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) fail(where, "a descriptor is not an object");
  const { mediaType, digest, size, platform, annotations } = value;
  if (!isText(mediaType)) fail(where, "a descriptor has no mediaType");
  if (!isDigest(digest)) fail(where, `${show(digest)} is not a sha256 digest`);
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    fail(where, `${show(size)} is not a size in bytes`);
  }
  const texts = isObject(annotations)
    ? Object.entries(annotations).filter((pair): pair is [string, string] => isText(pair[1]))
    : [];
  return {
    mediaType,
    digest,
    size: size as number,
    ...(isObject(platform) ? { platform: readPlatform(platform) } : {}),
    ...(texts.length > 0 ? { annotations: Object.fromEntries(texts) } : {}),
  };
}

function readObject(bytes: Buffer, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    fail(what, "it is not JSON");
  }
  if (!isObject(value)) fail(what, "it is not a JSON object");
  return value;
}

function fail(what: string, problem: string): never {
  throw new FairleadError("invalid", `bad ${what}: ${problem}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function textOr(value: unknown, other: string): string {
  return isText(value) && value !== "" ? value : other;
}
