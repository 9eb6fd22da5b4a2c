// The record of images and their names, images.json. It knows no blobs and no layers by content.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import type { UnreadableRecord } from "../../resources/wire.ts";
import { SerialQueue } from "../concurrency/serial-queue.ts";
import { recordForm, writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";
import { show } from "./digest.ts";

export interface ImageRecord {
  /** Docker's image id: the digest of the configuration. */
  id: string;
  /** The manifest that names the layers' blobs. */
  manifest: string;
  /** Full names with a tag, such as `docker.io/library/busybox:latest`. */
  tags: string[];
  /** Full names with the digest under which a registry has the image. */
  digests: string[];
  /** Chain ids, lowest first. */
  chain: string[];
  /** Every blob of the image: manifest, configuration and layers. */
  blobs: string[];
  /** Bytes of the unpacked layers. */
  sizeBytes: number;
  /** RFC 3339; Docker's Metadata.LastTagTime. */
  taggedAt?: string;
  /** Removed by a user while a container still needs it: kept, but not shown. */
  removed?: boolean;
}

interface ImageList {
  images: ImageRecord[];
}

const texts = z.array(z.string());
const imageShape = z.looseObject({
  id: z.string(),
  manifest: z.string(),
  tags: texts,
  digests: texts,
  chain: texts,
  blobs: texts,
  sizeBytes: z.number(),
  taggedAt: z.string().optional(),
  removed: z.boolean().optional(),
});

/** images.json. */
const catalogForm = recordForm<ImageList>(
  {
    what: "the list of images",
    remedy:
      "it was made anew from what is stored, without the names that were no longer to be read: " +
      "pull or tag those again, and remove the file",
    version: 1,
  },
  z.looseObject({ images: z.array(imageShape) }),
);
/** An image in a list that is damaged elsewhere: it has no braces inside. */
const ENTRY = /\{"id":"sha256:[0-9a-f]{64}"[^{}]*\}/g;

export class Catalog {
  readonly path: string;
  readonly #images = new Map<string, ImageRecord>();
  readonly #saves = new SerialQueue();

  /** Set when the list was unreadable: not all of it may be here. */
  readonly unreadable: UnreadableRecord | undefined;

  private constructor(path: string, unreadable: UnreadableRecord | undefined) {
    this.path = path;
    this.unreadable = unreadable;
  }

  static async open(directory: string, records: RecordStore): Promise<Catalog> {
    const path = join(directory, "images.json");
    const reading = await records.read(catalogForm, path);
    const unreadable = reading && "unreadable" in reading ? reading.unreadable : undefined;
    const catalog = new Catalog(path, unreadable);
    const images = reading && "record" in reading ? reading.record.images : [];
    for (const image of unreadable ? await readEntries(unreadable.setAside) : images) {
      catalog.#images.set(image.id, image);
    }
    return catalog;
  }

  get(id: string): ImageRecord | undefined {
    return this.#images.get(id);
  }

  /** The image that a full name with tag or digest stands for. */
  named(name: string): ImageRecord | undefined {
    return this.list().find(({ tags, digests }) => tags.includes(name) || digests.includes(name));
  }

  /** Images that users see. */
  list(): ImageRecord[] {
    return [...this.#images.values()].filter(({ removed }) => removed !== true);
  }

  /** With those that are only kept for containers. */
  all(): ImageRecord[] {
    return [...this.#images.values()];
  }

  /** Ids that begin with the given hex digits. */
  withPrefix(hex: string): ImageRecord[] {
    return this.list().filter(({ id }) => id.startsWith(`sha256:${hex}`));
  }

  /** Records an image; one that is known keeps its names, and one that was removed is back. */
  async put(image: ImageRecord): Promise<void> {
    const known = this.#images.get(image.id);
    this.#images.set(image.id, {
      ...image,
      tags: [...new Set([...(known?.tags ?? []), ...image.tags])],
      digests: [...new Set([...(known?.digests ?? []), ...image.digests])],
      blobs: [...new Set([...(known?.blobs ?? []), ...image.blobs])],
    });
    await this.save();
  }

  /** Gives a name to an image, and takes it from the image that had it, whose id is returned. */
  async tag(id: string, name: string): Promise<string | undefined> {
    const image = this.#images.get(id);
    if (image === undefined) throw new FairleadError("not_found", `No such image: ${show(id)}`);
    const before = this.named(name);
    const list = name.includes("@") ? "digests" : "tags";
    for (const other of this.#images.values()) {
      other[list] = other[list].filter((known) => known !== name);
    }
    image[list].push(name);
    image.taggedAt = new Date().toISOString();
    await this.save();
    return before !== undefined && before.id !== id ? before.id : undefined;
  }

  async untag(name: string): Promise<void> {
    for (const image of this.#images.values()) {
      image.tags = image.tags.filter((known) => known !== name);
      image.digests = image.digests.filter((known) => known !== name);
    }
    await this.save();
  }

  /** Hides an image that containers still need. */
  async hide(id: string): Promise<void> {
    const image = this.#images.get(id);
    if (image !== undefined) {
      this.#images.set(id, { ...image, tags: [], digests: [], removed: true });
    }
    await this.save();
  }

  async remove(ids: Iterable<string>): Promise<void> {
    for (const id of ids) this.#images.delete(id);
    await this.save();
  }

  /** Writes the list, one save after the other; each writes all that is known in its turn. */
  async save(): Promise<void> {
    await this.#saves.run(() => writeRecord(catalogForm, this.path, { images: this.all() }));
  }
}

async function readEntries(path: string): Promise<ImageRecord[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return [...text.matchAll(ENTRY)].flatMap(([entry]) => {
    try {
      return [imageShape.parse(JSON.parse(entry)) as ImageRecord];
    } catch {
      return [];
    }
  });
}
