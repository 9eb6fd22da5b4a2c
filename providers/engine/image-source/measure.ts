// Digests of files and streams, remembered while the process lives and the file is the same one.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";

export interface Measure {
  digest: string;
  sizeBytes: number;
}

const MOST_REMEMBERED = 256;
const remembered = new Map<string, unknown>();

/** Digest and size of a stream, read to its end. */
export async function measure(stream: Readable): Promise<Measure> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

/** The work's result for this file, again as long as its inode, size and times are the same. */
export async function onceForFile<T>(
  path: string,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const key = [purpose, path, dev, ino, size, mtimeNs, ctimeNs].join("\0");
  const known = remembered.get(key);
  if (known !== undefined) return known as Promise<T>;
  const result = work();
  remembered.set(key, result);
  result.catch(() => remembered.delete(key));
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MOST_REMEMBERED) break;
    remembered.delete(oldest);
  }
  return result;
}

/** What a file is compressed with, by its first bytes. */
export async function compressionOf(path: string): Promise<"none" | "gzip" | "zstd"> {
  const [head] = await createReadStream(path, { end: 3 }).toArray();
  const start = (head as Buffer | undefined)?.toString("hex") ?? "";
  if (start.startsWith("1f8b")) return "gzip";
  return start === "28b52ffd" ? "zstd" : "none";
}

/** The file's bytes, unpacked from gzip. */
export function gunzipped(path: string): Readable {
  // Either end takes the other with it, and the error of the file is seen by the reader.
  return pipeline(createReadStream(path), createGunzip(), () => {});
}
