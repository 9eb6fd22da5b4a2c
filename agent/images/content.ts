// Everything about images that lies on disk, opened together; and what work under way still needs.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { familiarReference, parseReference } from "../../resources/model/reference.ts";
import type { RecordStore } from "../state/record-store.ts";
import { BlobStore } from "./blob-store.ts";
import { Catalog } from "./catalog.ts";
import { shortOf } from "./digest.ts";
import { LayerStore, type LayerUser } from "./layer-store.ts";
import { isSpool } from "./spool.ts";
import type { Unpacker } from "./unpack.ts";

export interface Content {
  blobs: BlobStore;
  layers: LayerStore;
  catalog: Catalog;
  unpack: Unpacker;
  /** Folder for large temporary files, on the file system of the blobs. */
  directory: string;
  leases: Leases;
}

/** Opens `ROOT/images` and `ROOT/layers`. */
export async function openContent(
  root: string,
  unpack: Unpacker,
  storage: LayerUser,
  records: RecordStore,
): Promise<Content> {
  const directory = join(root, "images");
  const catalog = await Catalog.open(directory, records);
  const blobs = await BlobStore.open(directory, (digest, path, setAside) => {
    records.note({ ...damageOf(digest, catalog), path, setAside });
  });
  const layers = await LayerStore.open(join(root, "layers"), unpack, storage, records);
  for (const name of await readdir(directory)) {
    if (isSpool(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
  return { blobs, layers, catalog, unpack, directory, leases: new Leases() };
}

/** What a damaged blob is, in words of who uses the images. */
function damageOf(digest: string, catalog: Catalog) {
  const users = catalog.all().filter(({ blobs }) => blobs.includes(digest));
  const names = users.map(({ id, tags }) => tags.map(familiarName)[0] ?? shortOf(id));
  const what = names.length === 0 ? "no image that is known" : `the image ${names.join(", ")}`;
  return {
    what: `the blob ${shortOf(digest)} of ${what}`,
    reason: "its content is not what its digest says: the disk has changed it",
    remedy: "pull or load the image again, or let fairlead up bring it",
  };
}

function familiarName(name: string): string {
  return familiarReference(parseReference(name));
}

/** Blobs and chain ids that a pull, load or save under way needs: collection leaves them. */
class Leases {
  readonly #held = new Map<string, number>();

  /** Holds what `keep` names until the work ends. */
  async during<T>(work: (keep: (...names: string[]) => void) => Promise<T>): Promise<T> {
    const mine: string[] = [];
    const keep = (...names: string[]) => {
      for (const name of names) {
        mine.push(name);
        this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
      }
    };
    try {
      return await work(keep);
    } finally {
      for (const name of mine) {
        const left = (this.#held.get(name) ?? 1) - 1;
        if (left > 0) this.#held.set(name, left);
        else this.#held.delete(name);
      }
    }
  }

  holds(name: string): boolean {
    return this.#held.has(name);
  }
}
