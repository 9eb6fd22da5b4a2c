// Takes a stream apart into temporary files with known digests, before anything is believed of it.
import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { decompress } from "./compression.ts";
import { show } from "./digest.ts";

export interface SpooledFile {
  path: string;
  digest: string;
  size: number;
  /** The first bytes, which tell the compression. */
  head: Buffer;
}

const ENTRIES = 100_000;
const HOPS = 10;
const PREFIX = "spool-";

/** Whether a name in the images folder is one of a spool, which a crash may have left. */
export function isSpool(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** A folder of temporary files; `dispose` removes it. */
export class Spool {
  readonly #directory: string;
  #serial = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(parent: string): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, PREFIX)));
  }

  async dispose(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Writes a stream to a file. */
  async write(stream: AsyncIterable<Uint8Array>): Promise<SpooledFile> {
    const path = join(this.#directory, String(this.#serial++));
    const hash = createHash("sha256");
    let size = 0;
    let head = Buffer.alloc(0);
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of stream) {
        hash.update(chunk);
        if (head.length < 6) head = Buffer.concat([head, chunk]).subarray(0, 6);
        await file.write(chunk, 0, chunk.length, size);
        size += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { path, digest: `sha256:${hash.digest("hex")}`, size, head };
  }
}

/** The files of an archive by their names, with the links between them followed. */
export class SpooledArchive {
  readonly #files = new Map<string, SpooledFile>();
  readonly #links = new Map<string, string>();

  /** Reads a tar archive, plain or compressed; `invalid` when damaged or of too many entries. */
  static async read(spool: Spool, stream: Readable, signal?: AbortSignal): Promise<SpooledArchive> {
    const archive = new SpooledArchive();
    const entries = extract();
    const options = signal === undefined ? {} : { signal };
    const feeding = pipeline(await decompress(stream), entries as unknown as Writable, options);
    // The loop below meets the same failure.
    feeding.catch(() => undefined);
    let count = 0;
    try {
      for await (const entry of entries) {
        if (++count > ENTRIES) throw new Error(`it has over ${ENTRIES} entries`);
        const { name, type, linkname } = entry.header;
        const clean = cleanName(name);
        if (type === "file" || type === "contiguous-file") {
          archive.#files.set(clean, await spool.write(entry as AsyncIterable<Uint8Array>));
          continue;
        }
        if (type === "symlink") {
          archive.#links.set(clean, cleanName(posix.join(posix.dirname(clean), linkname)));
        } else if (type === "link") archive.#links.set(clean, cleanName(linkname));
        entry.resume();
      }
      await feeding;
    } catch (error) {
      signal?.throwIfAborted();
      const { message } = error as Error;
      if (error instanceof FairleadError || isDiskFull(error)) throw error;
      throw new FairleadError("invalid", `the archive cannot be read: ${message}`, {
        hint: "it is damaged or was cut off: make or send it again",
      });
    }
    return archive;
  }

  find(name: string): SpooledFile | undefined {
    let at = cleanName(name);
    for (let hop = 0; hop < HOPS; hop++) {
      const target = this.#links.get(at);
      if (target === undefined) break;
      at = target;
    }
    return this.#files.get(at);
  }

  /** The content of a small file; undefined when it is not there, `invalid` beyond the limit. */
  async content(name: string, limitBytes: number): Promise<Buffer | undefined> {
    const file = this.find(name);
    if (file === undefined) return undefined;
    if (file.size > limitBytes) {
      throw new FairleadError("invalid", `${show(name)} has more than ${limitBytes} bytes`);
    }
    return readFile(file.path);
  }
}

function cleanName(name: string): string {
  return posix.normalize(`/${name}`).slice(1);
}
