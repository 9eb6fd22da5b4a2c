// What every image that comes from this machine is, whatever it was read from: a configuration, a
// manifest and layers that can be opened again and again.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";

/** One blob of an image. */
export interface Blob {
  /** `sha256:…` of the bytes that `open` gives. */
  digest: string;
  sizeBytes: number;
  mediaType: string;
  /** The bytes from `offset` on. */
  open(offset: number): Readable;
}

export interface LocalImage {
  /** Digest of the configuration, which is the image's id. */
  id: string;
  config: Blob;
  /** Lowest first. */
  layers: Blob[];
  /** The OCI manifest that names them. */
  manifest: Blob;
}

export const MEDIA_TYPES = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  gzipLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstdLayer: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** An image from its configuration and layers; the manifest is composed. */
export function imageOf(configBytes: Buffer, layers: Blob[]): LocalImage {
  const config = blobOf(configBytes, MEDIA_TYPES.config);
  const describe = ({ mediaType, digest, sizeBytes }: Blob) => ({
    mediaType,
    digest,
    size: sizeBytes,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: describe(config),
    layers: layers.map(describe),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { id: config.digest, config, layers, manifest: blobOf(bytes, MEDIA_TYPES.manifest) };
}

/** A blob that is held in memory. */
export function blobOf(bytes: Buffer, mediaType: string): Blob {
  return {
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    sizeBytes: bytes.length,
    mediaType,
    open: (offset) => readableOf(bytes.subarray(offset)),
  };
}

function readableOf(bytes: Buffer): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}
