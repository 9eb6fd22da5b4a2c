// Unpacked layers, one folder each under its chain id; complete ones only, shared between images.
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import { syncFolder } from "../state/durable-file.ts";
import { recordForm, writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";
import type { LayerForm, StorageDriver } from "../storage/driver/driver.ts";
import { decompress } from "./compression.ts";
import { DigestStream, digestOf, hexOf } from "./digest.ts";
import type { Descriptor } from "./manifest.ts";
import type { Unpacker } from "./unpack.ts";

/** What layer.json says; its presence in a named folder means that the layer is whole. */
export interface LayerRecord {
  chainId: string;
  diffId: string;
  /** Sum of the sizes of the regular files. */
  bytes: number;
  whiteouts: LayerForm;
  /** The blob that it came from: what a save of an image with this layer can use. */
  blob: Descriptor;
}

const layerForm = recordForm<LayerRecord>(
  {
    what: "the record of an unpacked layer",
    remedy:
      "the layer is unpacked again when it is needed; remove its folder once every container " +
      "that uses it was started again",
    version: 1,
  },
  z.looseObject({
    chainId: z.string(),
    diffId: z.string(),
    bytes: z.number(),
    whiteouts: z.enum(["overlay", "marker"]),
    blob: z.looseObject({ mediaType: z.string(), digest: z.string(), size: z.number() }),
  }),
);

export interface LayerRequest {
  chainId: string;
  diffId: string;
  /** Chain ids below, lowest first. */
  below: readonly string[];
  blob: Descriptor;
  signal?: AbortSignal;
}

/** The storage driver, as far as layers concern it. */
export type LayerUser = Pick<StorageDriver, "layerForm" | "forgetLayer">;

export class LayerStore {
  readonly #directory: string;
  readonly #unpack: Unpacker;
  readonly #storage: LayerUser;
  readonly #records: RecordStore;
  readonly #making = new Map<string, Promise<unknown>>();
  /** Records never change while their layer is there. */
  readonly #known = new Map<string, LayerRecord>();

  private constructor(
    directory: string,
    unpack: Unpacker,
    storage: LayerUser,
    records: RecordStore,
  ) {
    this.#directory = directory;
    this.#records = records;
    this.#unpack = unpack;
    this.#storage = storage;
  }

  /** Opens the folder, and removes what a crash left unfinished in it. */
  static async open(
    directory: string,
    unpack: Unpacker,
    storage: LayerUser,
    records: RecordStore,
  ): Promise<LayerStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(directory)) {
      if (name.startsWith("draft-")) {
        await rm(join(directory, name), { recursive: true, force: true });
      }
    }
    return new LayerStore(directory, unpack, storage, records);
  }

  /** The directory with the files of a layer. */
  path(chainId: string): string {
    return join(this.#directory, hexOf(chainId), "diff");
  }

  /** undefined when the layer is not here in the form that the storage driver wants. */
  async find(chainId: string): Promise<LayerRecord | undefined> {
    const known = this.#known.get(chainId);
    if (known !== undefined) return known;
    const record = await this.#read(chainId);
    if (record?.whiteouts !== this.#storage.layerForm) return undefined;
    this.#known.set(chainId, record);
    return record;
  }

  async #read(chainId: string): Promise<LayerRecord | undefined> {
    const isOwn = (record: LayerRecord) => record.chainId === chainId;
    const reading = await this.#records.read(layerForm, this.#recordPath(chainId), isOwn);
    return reading && "record" in reading ? reading.record : undefined;
  }

  /** Makes sure that a layer is here; callers that want the same one share the work. */
  async ensure(
    request: LayerRequest,
    openBlob: () => Promise<Readable>,
  ): Promise<"exists" | "made"> {
    const { chainId } = request;
    let outcome: "exists" | "made" = "exists";
    while ((await this.find(chainId)) === undefined) {
      request.signal?.throwIfAborted();
      const other = this.#making.get(chainId);
      if (other !== undefined) {
        await other.catch(() => undefined);
        continue;
      }
      const work = this.#make(request, openBlob);
      this.#making.set(chainId, work);
      try {
        await work;
      } finally {
        this.#making.delete(chainId);
      }
      outcome = "made";
    }
    return outcome;
  }

  async remove(chainId: string): Promise<void> {
    this.#known.delete(chainId);
    await this.#storage.forgetLayer?.(this.path(chainId));
    const discarded = this.#draftPath();
    const moved = await rename(join(this.#directory, hexOf(chainId)), discarded).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    if (moved) await rm(discarded, { recursive: true, force: true });
  }

  /** Chain ids of the layers that were made before a moment (milliseconds of Date.now). */
  async list(beforeMs: number): Promise<string[]> {
    const found: string[] = [];
    for (const name of await readdir(this.#directory)) {
      if (!/^[a-f0-9]{64}$/.test(name)) continue;
      const seen = await stat(join(this.#directory, name, "layer.json")).catch(() => undefined);
      if (seen === undefined || seen.mtimeMs <= beforeMs) found.push(`sha256:${name}`);
    }
    return found;
  }

  async #make(request: LayerRequest, openBlob: () => Promise<Readable>): Promise<void> {
    const draft = this.#draftPath();
    const directory = join(draft, "diff");
    await mkdir(directory, { recursive: true });
    try {
      await startRoot(directory, request.below.map((chainId) => this.path(chainId)).at(-1));
      const hashing = new DigestStream();
      const tar = await decompress(await openBlob());
      tar.once("error", (error) => hashing.destroy(asDamage(error, request.blob.digest)));
      const unpacked = await this.#unpack(tar.pipe(hashing), {
        directory,
        whiteouts: this.#storage.layerForm,
        lower: [...request.below].reverse().map((chainId) => this.path(chainId)),
        sync: true,
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      }).finally(() => tar.destroy());
      const diffId = hashing.digest();
      if (diffId !== request.diffId) {
        throw new FairleadError(
          "invalid",
          `layer mismatch: the image names ${request.diffId}, its content is ${diffId}`,
        );
      }
      await writeRecord(layerForm, join(draft, "layer.json"), {
        chainId: request.chainId,
        diffId,
        bytes: unpacked.bytes,
        whiteouts: this.#storage.layerForm,
        blob: request.blob,
      });
      await this.#makeRoom(request.chainId);
      await rename(draft, join(this.#directory, hexOf(request.chainId)));
      await syncFolder(this.#directory);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * A layer of another form may stand there after a change of the storage driver. One whose record
   * is lost may be below the roots of containers that run: its folder gives way, and stays.
   */
  async #makeRoom(chainId: string): Promise<void> {
    if ((await this.#read(chainId)) !== undefined) return this.remove(chainId);
    const folder = join(this.#directory, hexOf(chainId));
    await rename(folder, `${folder}.unreadable-${randomBytes(4).toString("hex")}`).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      },
    );
  }

  #draftPath(): string {
    return join(this.#directory, `draft-${randomBytes(8).toString("hex")}`);
  }

  #recordPath(chainId: string): string {
    return join(this.#directory, hexOf(chainId), "layer.json");
  }
}

/** Chain ids of a list of diff ids, lowest first (OCI image specification, "Layer ChainID"). */
export function chainIdsOf(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chain;
}

/** A layer that does not list the root itself has the root of the layer below; else 0755. */
async function startRoot(directory: string, below: string | undefined): Promise<void> {
  const seen = below === undefined ? undefined : await stat(below);
  if (seen !== undefined) await chown(directory, seen.uid, seen.gid);
  await chmod(directory, (seen?.mode ?? 0o755) & 0o7777);
}

/** zlib's codes begin with Z_; Node's name for a broken zstd frame begins with ZSTD_. */
function asDamage(error: NodeJS.ErrnoException, digest: string): Error {
  if (!/^Z(STD)?_/.test(error.code ?? "")) return error;
  return new FairleadError("invalid", `layer ${digest} cannot be decompressed: ${error.message}`);
}
