// Tells how a stream is compressed by its first bytes, and undoes it.
import { PassThrough, type Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import { FairleadError } from "../../resources/model/errors.ts";

export type Compression = "none" | "gzip" | "zstd";

const MAGIC: { bytes: number[]; name: Compression | "bzip2" | "xz" }[] = [
  { bytes: [0x1f, 0x8b], name: "gzip" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: "zstd" },
  { bytes: [0x42, 0x5a, 0x68], name: "bzip2" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: "xz" },
];

/** What the first bytes say; `unsupported` for bzip2 and xz. */
export function compressionOf(head: Buffer): Compression {
  const found = MAGIC.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte));
  if (found?.name === "bzip2" || found?.name === "xz") {
    throw new FairleadError("unsupported", `the archive is compressed with ${found.name}`, {
      hint: "fairlead reads plain tar, gzip and zstd: compress it with one of these",
    });
  }
  return found?.name ?? "none";
}

/** The uncompressed bytes of a stream; errors of the source end the result too. */
export async function decompress(source: Readable): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const seen: Buffer[] = [];
  let length = 0;
  while (length < 6) {
    const { value, done } = await iterator.next();
    if (done) break;
    seen.push(Buffer.from(value));
    length += value.length;
  }
  const compression = pick(Buffer.concat(seen), source);
  async function* whole() {
    yield* seen;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  const out = compression === "none" ? new PassThrough() : decoder(compression);
  // pipeline destroys `out` with the error of the source, which is where its reader sees it.
  pipeline(whole, out).catch(() => source.destroy());
  return out;
}

function pick(head: Buffer, source: Readable): Compression {
  try {
    return compressionOf(head);
  } catch (error) {
    source.destroy();
    throw error;
  }
}

function decoder(compression: "gzip" | "zstd"): Transform {
  const options = { chunkSize: 256 * 1024 };
  if (compression === "gzip") return zlib.createGunzip(options);
  // Node has zstd from 22.15 on; the agent's own Node does, a test's may not.
  const create = (zlib as { createZstdDecompress?: (options: object) => Transform })
    .createZstdDecompress;
  if (create === undefined) {
    throw new FairleadError("unsupported", `Node ${process.version} cannot read zstd layers`, {
      hint: "run the agent with Node 22.15 or newer",
    });
  }
  return create(options);
}
