// The content store: files named by their digest, verified while they are written, never changed.
// What is being written lies under partial/ and can be taken up again after a crash. One that the
// disk has damaged is set aside, so that it counts as missing and is brought anew.
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { syncFolder } from "../state/durable-file.ts";
import { digestOf, hexOf } from "./digest.ts";

/** Bytes from `offset` on; a source that cannot resume answers with offset 0. */
export interface BlobPart {
  stream: Readable;
  offset: number;
}

export interface BlobRequest {
  digest: string;
  /** Exact size, when it is known: nothing longer is accepted. */
  sizeBytes?: number;
  onBytes?: (total: number) => void;
  signal?: AbortSignal;
}

/** How long an upload may send nothing before another may take its place. */
const SILENT_MS = 3000;

/** Hears of each blob that is set aside, with its path before and now. */
export type DamageReport = (digest: string, path: string, setAside: string) => void;

export class BlobStore {
  readonly #blobs: string;
  readonly #partial: string;
  readonly #writing = new Map<string, Promise<unknown>>();
  readonly #uploads = new Map<string, { stream: Readable; lastMs: number }>();
  readonly #onDamage: DamageReport;

  private constructor(directory: string, onDamage: DamageReport) {
    this.#blobs = join(directory, "blobs", "sha256");
    this.#partial = join(directory, "partial");
    this.#onDamage = onDamage;
  }

  static async open(
    directory: string,
    onDamage: DamageReport = () => undefined,
  ): Promise<BlobStore> {
    const store = new BlobStore(directory, onDamage);
    await mkdir(store.#blobs, { recursive: true, mode: 0o700 });
    await mkdir(store.#partial, { recursive: true, mode: 0o700 });
    return store;
  }

  path(digest: string): string {
    return join(this.#blobs, hexOf(digest));
  }

  /** Size in bytes; undefined when the blob is not here. */
  async size(digest: string): Promise<number | undefined> {
    return sizeOf(this.path(digest));
  }

  /** Bytes of an unfinished blob that are here already. */
  async partialSize(digest: string): Promise<number> {
    return (await sizeOf(this.#partialPath(digest))) ?? 0;
  }

  stream(digest: string, offset = 0): Readable {
    return createReadStream(this.path(digest), { start: offset, highWaterMark: 1024 * 1024 });
  }

  /** A small blob, verified again; `not_found`, or `invalid` when it is longer than the limit. */
  async read(digest: string, limitBytes: number): Promise<Buffer> {
    const size = await this.size(digest);
    if (size === undefined) throw new FairleadError("not_found", `no blob ${digest} in the store`);
    if (size > limitBytes) {
      throw new FairleadError("invalid", `blob ${digest} has ${size} bytes, over ${limitBytes}`);
    }
    const file = await open(this.path(digest));
    const bytes = await file.readFile().finally(() => file.close());
    if (digestOf(bytes) === digest) return bytes;
    await this.#setAside(digest);
    throw damaged(digest);
  }

  /** The bytes of a blob; they end with an error when they were not what its name says. */
  verified(digest: string): Readable {
    const hash = createHash("sha256");
    const setAside = () => this.#setAside(digest);
    const check = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
      if (`sha256:${hash.digest("hex")}` === digest) return;
      await setAside();
      throw damaged(digest);
    };
    return Readable.from(check(this.stream(digest)), { objectMode: false });
  }

  /** Whether a blob is here and what its name says; one that is not is set aside. */
  async isSound(digest: string): Promise<boolean> {
    if ((await this.size(digest)) === undefined) return false;
    const hash = createHash("sha256");
    for await (const chunk of this.stream(digest)) hash.update(chunk as Buffer);
    if (`sha256:${hash.digest("hex")}` === digest) return true;
    await this.#setAside(digest);
    return false;
  }

  /** Stores bytes that are at hand, and tells their digest. */
  async put(bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes);
    if ((await this.size(digest)) !== undefined) return digest;
    await this.fetch({ digest, sizeBytes: bytes.length }, async () => ({
      stream: Readable.from([bytes]),
      offset: 0,
    }));
    return digest;
  }

  /**
   * Makes sure that a blob is here: asks the source for what is missing. Two callers that want the
   * same blob share one transfer; the second takes over if the first fails.
   */
  async fetch(
    request: BlobRequest,
    source: (offset: number) => Promise<BlobPart>,
  ): Promise<"exists" | "stored"> {
    const { digest } = request;
    let outcome: "exists" | "stored" = "exists";
    while ((await this.size(digest)) === undefined) {
      request.signal?.throwIfAborted();
      const other = this.#writing.get(digest);
      if (other !== undefined) {
        await other.catch(() => undefined);
        continue;
      }
      await this.#exclusive(digest, async () => {
        const part = await source(await this.partialSize(digest));
        await this.#ingest(request, part, true);
      });
      outcome = "stored";
    }
    return outcome;
  }

  /**
   * Appends a part that a client sends. Returns whether the blob is complete; `conflict` when the
   * offset is not the number of bytes that are here, `unavailable` while somebody else writes it.
   */
  async append(request: BlobRequest, part: BlobPart): Promise<boolean> {
    const { digest } = request;
    await this.#supersede(digest);
    if ((await this.size(digest)) !== undefined) return true;
    if (this.#writing.has(digest)) {
      throw new FairleadError("unavailable", `blob ${digest} is being written by another request`);
    }
    const upload = { stream: part.stream, lastMs: Date.now() };
    this.#uploads.set(digest, upload);
    const onBytes = () => {
      upload.lastMs = Date.now();
    };
    return this.#exclusive(digest, async () => {
      const held = await this.partialSize(digest);
      if (part.offset !== 0 && part.offset !== held) {
        throw new FairleadError(
          "conflict",
          `blob ${digest} continues at byte ${held}, not at ${part.offset}`,
        );
      }
      return this.#ingest({ ...request, onBytes }, part, request.sizeBytes === undefined);
    });
  }

  /** Takes a file whose digest the caller has computed; it must be on the same file system. */
  async adopt(path: string, digest: string): Promise<void> {
    await this.#publish(path, digest);
  }

  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
  }

  /** Marks a blob as wanted now, so that a sweep of old blobs leaves it. */
  async touch(digest: string): Promise<void> {
    const now = new Date();
    await utimes(this.path(digest), now, now);
  }

  /** Everything here, unfinished blobs included, with the time of its last change. */
  async list(): Promise<{ digest: string; partial: boolean; changedMs: number }[]> {
    const found: { digest: string; partial: boolean; changedMs: number }[] = [];
    for (const partial of [false, true]) {
      const folder = partial ? this.#partial : this.#blobs;
      for (const name of await readdir(folder)) {
        if (!/^[a-f0-9]{64}$/.test(name)) continue;
        const seen = await stat(join(folder, name)).catch(() => undefined);
        if (seen) found.push({ digest: `sha256:${name}`, partial, changedMs: seen.mtimeMs });
      }
    }
    return found;
  }

  async removePartial(digest: string): Promise<void> {
    if (!this.#writing.has(digest)) await rm(this.#partialPath(digest), { force: true });
  }

  #partialPath(digest: string): string {
    return join(this.#partial, hexOf(digest));
  }

  async #exclusive<T>(digest: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#writing.set(digest, running);
    try {
      return await running;
    } finally {
      this.#writing.delete(digest);
      this.#uploads.delete(digest);
    }
  }

  /** An upload whose client fell silent, perhaps with its connection, gives way to the next. */
  async #supersede(digest: string): Promise<void> {
    const upload = this.#uploads.get(digest);
    if (upload === undefined || Date.now() - upload.lastMs < SILENT_MS) return;
    upload.stream.destroy(new FairleadError("unavailable", "another upload took over"));
    await this.#writing.get(digest)?.catch(() => undefined);
  }

  /** Writes a part; verifies and publishes the blob when it is the last (`whole`, or by size). */
  async #ingest(request: BlobRequest, part: BlobPart, whole: boolean): Promise<boolean> {
    const { digest, sizeBytes } = request;
    const path = this.#partialPath(digest);
    const file = await open(path, part.offset === 0 ? "w" : "r+", 0o600).catch((error) => {
      part.stream.destroy();
      throw error;
    });
    let total: number;
    let found: string;
    try {
      const hash = createHash("sha256");
      if (part.offset > 0) await hashStart(file, part.offset, hash);
      total = await writeStream(file, part, hash, request).catch(async (error) => {
        // A full disk must not stay full of what nobody can use.
        if (isDiskFull(error)) await file.truncate(0);
        throw error;
      });
      if (!whole && total < (sizeBytes ?? 0)) return false;
      found = `sha256:${hash.digest("hex")}`;
      await file.sync();
    } finally {
      await file.close();
    }
    if (sizeBytes !== undefined && total < sizeBytes) {
      throw new FairleadError(
        "unavailable",
        `blob ${digest} ended after ${total} of ${sizeBytes} bytes`,
      );
    }
    if (found !== digest) {
      await rm(path, { force: true });
      throw new FairleadError("invalid", `digest mismatch: wanted ${digest}, received ${found}`, {
        hint: "the registry or a proxy in between altered the content",
      });
    }
    await this.#publish(path, digest);
    return true;
  }

  async #publish(path: string, digest: string): Promise<void> {
    await rename(path, this.path(digest));
    await rm(`${this.path(digest)}${DAMAGED}`, { force: true });
    await syncFolder(this.#blobs);
  }

  async #setAside(digest: string): Promise<void> {
    const path = this.path(digest);
    await rename(path, `${path}${DAMAGED}`);
    await syncFolder(this.#blobs);
    this.#onDamage(digest, path, `${path}${DAMAGED}`);
  }
}

const DAMAGED = ".damaged";

function damaged(digest: string): FairleadError {
  return new FairleadError("not_found", `the blob ${digest} was damaged on disk`, {
    hint: "pull or load the image again: what was damaged is set aside",
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  const seen = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return seen?.size;
}

async function hashStart(file: FileHandle, length: number, hash: Hash): Promise<void> {
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - at), at);
    if (bytesRead === 0) throw new FairleadError("internal", "an unfinished blob became shorter");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

async function writeStream(
  file: FileHandle,
  part: BlobPart,
  hash: Hash,
  { digest, sizeBytes, onBytes, signal }: BlobRequest,
): Promise<number> {
  let total = part.offset;
  for await (const chunk of part.stream as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    if (sizeBytes !== undefined && total + chunk.length > sizeBytes) {
      await file.truncate(0);
      throw new FairleadError("invalid", `blob ${digest} is longer than its ${sizeBytes} bytes`);
    }
    hash.update(chunk);
    await file.write(chunk, 0, chunk.length, total);
    total += chunk.length;
    onBytes?.(total);
  }
  await file.truncate(total);
  return total;
}
