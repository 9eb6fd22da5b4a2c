// All images of this agent: found, pulled, loaded, saved, named, removed. The content is the
// business of agent/images; HTTP that of agent/api.
import type { Readable } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
} from "../../../resources/model/reference.ts";
import { assemble } from "../../images/assemble.ts";
import type { ImageRecord } from "../../images/catalog.ts";
import { type Collected, collect, sweep } from "../../images/collect.ts";
import type { Content } from "../../images/content.ts";
import { isDigest, show } from "../../images/digest.ts";
import { diskUsage, layerBytes } from "../../images/disk-usage.ts";
import type { ImageConfig } from "../../images/image-config.ts";
import { importRoot } from "../../images/import.ts";
import { load } from "../../images/load.ts";
import { MANIFEST_BYTES } from "../../images/manifest.ts";
import { type Platform, parsePlatform, platformFits } from "../../images/platform.ts";
import type { Progress } from "../../images/progress.ts";
import { inspectRemote, login, pull, tagsOf } from "../../images/pull.ts";
import { type Credentials, readCredentials, registryOf } from "../../images/registry-auth.ts";
import { openRemote } from "../../images/remote.ts";
import { save } from "../../images/save.ts";
import { type EventSink, publishPrune } from "../event.ts";
import { Documents, ofImage } from "./documents.ts";
import { filterImages, type ImageFilters } from "./filter.ts";
import { familiar, type ShownImage } from "./image.ts";
import { isBareName, missingImage, tagName } from "./name.ts";
import { type ImageUse, planRemoval } from "./removal.ts";
import type { ImageStore, StoredImage } from "./store.ts";

export interface ImagesOptions {
  content: Content;
  events: EventSink;
  /** Images that nobody sees and that stay all the same: those of the build cache. */
  kept?: () => readonly string[];
  /** Registries that may use plain http or unverified TLS, beside the loopback. */
  insecureRegistries?: readonly string[];
}

export interface Transfer {
  progress: Progress;
  signal?: AbortSignal;
}

export interface PullOptions extends Transfer {
  /** With a tag or digest; without either and `allTags`, every tag of the repository. */
  name: string;
  platform?: string;
  allTags?: boolean;
  /** The X-Registry-Auth header. */
  auth?: string | undefined;
}

export interface ImportOptions extends Transfer {
  /** The archive, or an http(s) URL of it. */
  source: Readable | string;
  config: NonNullable<ImageConfig["config"]>;
  message: string;
  name?: string;
  platform?: string;
}

type Deleted = { Untagged: string } | { Deleted: string };
type Usage = Parameters<ImageStore["setUsage"]>[0];

export class Images implements ImageStore {
  readonly #content: Content;
  readonly #events: EventSink;
  readonly #insecure: readonly string[];
  readonly #documents: Documents;
  #usage: Usage = () => [];
  readonly #kept: () => readonly string[];

  constructor({ content, events, kept = () => [], insecureRegistries = [] }: ImagesOptions) {
    this.#content = content;
    this.#documents = new Documents(content);
    this.#events = events;
    this.#kept = kept;
    this.#insecure = insecureRegistries;
  }

  get content(): Content {
    return this.#content;
  }

  setUsage(inUse: Usage): void {
    this.#usage = inUse;
  }

  async find(reference: string, platform?: string): Promise<StoredImage | undefined> {
    // A container's record has the full id, which counts even when a user removed the image.
    const record = this.#content.catalog.get(reference) ?? this.#lookUp(reference);
    if (!record) return undefined;
    const document = await ofImage(reference, this.#documents.read(record.id));
    if (platform && !platformFits(parsePlatform(platform), document)) return undefined;
    await ofImage(reference, this.#restore(record));
    return { id: record.id, layers: this.layersOf(record.id), config: document };
  }

  async root(imageId: string): Promise<string[] | undefined> {
    const record = this.#content.catalog.get(imageId);
    if (record === undefined) return undefined;
    await ofImage(imageId, this.#restore(record));
    return this.layersOf(imageId);
  }

  async sizeOf(imageId: string): Promise<number> {
    return this.#content.catalog.get(imageId)?.sizeBytes ?? 0;
  }

  layersOf(imageId: string): string[] {
    const chain = this.#content.catalog.get(imageId)?.chain ?? [];
    return chain.map((chainId) => this.#content.layers.path(chainId));
  }

  /** What users see under a name, id or beginning of an id; undefined when none is usable. */
  async show(reference: string): Promise<ShownImage | undefined> {
    const record = this.#lookUp(reference);
    return record && this.#documents.shown(record);
  }

  /** By name, id or beginning of an id; `not_found` in Docker's words. */
  async require(reference: string): Promise<ShownImage> {
    const record = this.#require(reference);
    return { record, document: await ofImage(reference, this.#documents.read(record.id)) };
  }

  async list(filters: ImageFilters = new Map()): Promise<ShownImage[]> {
    const images = await this.#all();
    const found = filterImages(images, filters, (reference) => {
      const { id } = this.#require(reference);
      return images.find(({ record }) => record.id === id) as ShownImage;
    });
    const time = ({ document }: ShownImage) => Date.parse(document.created ?? "") || 0;
    return found.sort((a, b) => time(b) - time(a));
  }

  get count(): number {
    return this.#content.catalog.list().length;
  }

  /** Containers by the image that they use. */
  uses(id: string): ImageUse[] {
    return [...this.#usage()].filter(({ imageId }) => imageId === id);
  }

  async pull(options: PullOptions): Promise<void> {
    const reference = parseReference(options.name);
    const access = {
      credentials: readCredentials(options.auth),
      insecureRegistries: this.#insecure,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    const platform = platformOf(options);
    const references: Reference[] = options.allTags
      ? (await tagsOf(reference, access)).map((tag) => ({ ...reference, tag }))
      : [reference];
    for (const one of references) {
      await pull(this.#content, {
        ...access,
        reference: one,
        progress: options.progress,
        ...platform,
      });
      const name = familiarReference(one);
      await this.#publish("pull", name, name.replace(/[:@].*$/, ""), this.#lookUp(name)?.id);
    }
  }

  /** What a registry says of a name; nothing is stored. */
  inspectRemote(
    name: string,
    auth: string | undefined,
    signal: AbortSignal,
  ): ReturnType<typeof inspectRemote> {
    const credentials = readCredentials(auth);
    const options = { credentials, insecureRegistries: this.#insecure, signal };
    return inspectRemote(parseReference(name), options);
  }

  /** Asks a registry whether it takes the credentials; nothing is kept of them. */
  login(serverAddress: string, credentials: Credentials, signal: AbortSignal): Promise<void> {
    const options = { credentials, insecureRegistries: this.#insecure, signal };
    return login(registryOf(serverAddress), options);
  }

  async load(archive: Readable, options: Transfer & { platform?: string }): Promise<void> {
    const { platform: _, ...transfer } = options;
    const loaded = await load(this.#content, { archive, ...transfer, ...platformOf(options) });
    for (const { id } of loaded) await this.#publish("load", id, id);
  }

  /** One archive of several images; a name without a tag means all tags of its repository. */
  async save(references: readonly string[]): Promise<Readable> {
    const wanted = new Map<string, Set<string>>();
    const add = (id: string, ...names: string[]) => {
      wanted.set(id, new Set([...(wanted.get(id) ?? []), ...names]));
    };
    for (const text of references) {
      const names = isBareName(text) ? this.#tagsLike(text) : [];
      for (const name of names) add(this.#content.catalog.named(name)?.id ?? "", name);
      if (names.length > 0) continue;
      const { id, tags } = this.#require(text);
      const name = this.#nameOf(text);
      add(id, ...(name !== undefined && tags.includes(name) ? [name] : []));
    }
    const requests = [...wanted].map(([id, names]) => ({
      image: this.#content.catalog.get(id) as ImageRecord,
      names: [...names],
    }));
    for (const { image } of requests) await this.#publish("save", image.id, image.id);
    return save(this.#content, requests);
  }

  /** Imports a root file system; returns the new image's id. */
  async import(options: ImportOptions): Promise<string> {
    const name = options.name === undefined ? undefined : tagName(options.name);
    const { platform: _, source, signal, ...rest } = options;
    const remote = typeof source === "string" ? await openRemote(source, signal) : undefined;
    const archive = remote?.stream ?? (source as Readable);
    const request = { ...rest, archive, ...platformOf(options), ...(signal ? { signal } : {}) };
    const id = await importRoot(this.#content, request).finally(() => remote?.close());
    if (name !== undefined) await this.#content.catalog.tag(id, name);
    await this.#publish("import", id, name === undefined ? id : familiar(name));
    return id;
  }

  /** Makes an image from blobs that are in the store already, and gives it the name. */
  async make(name: string, manifest: string, transfer: Transfer): Promise<string> {
    if (!isDigest(manifest)) throw new FairleadError("invalid", "manifest: not a sha256 digest");
    const full = tagName(name);
    const { id } = await assemble(this.#content, {
      manifest: await this.#content.blobs.read(manifest, MANIFEST_BYTES),
      fetch: async ({ digest, size }) => {
        const held = await this.#content.blobs.size(digest);
        if (held === size) return "exists";
        throw new FairleadError("not_found", `the store lacks blob ${digest} of ${size} bytes`);
      },
      ...transfer,
    });
    await this.#content.catalog.tag(id, full);
    await this.#publish("load", id, familiar(full));
    return id;
  }

  async tag(source: string, target: string): Promise<void> {
    const { id } = this.#require(source);
    const name = tagName(target);
    await this.#content.catalog.tag(id, name);
    await this.#publish("tag", id, familiar(name));
  }

  async remove(reference: string, options: { force: boolean }): Promise<Deleted[]> {
    const image = this.#require(reference);
    const name = this.#nameOf(reference);
    return this.#remove(image, name, options.force);
  }

  /** Removes unused images that the filters accept; only dangling ones unless they say. */
  async prune(filters: ImageFilters): Promise<{ deleted: Deleted[]; bytes: number }> {
    const all = filters.get("dangling")?.some((value) => /^(0|false)$/i.test(value)) === true;
    const rest = new Map([...filters].filter(([key]) => key !== "dangling"));
    const before = await layerBytes(this.#content);
    const deleted: Deleted[] = [];
    for (const { record } of await this.list(rest)) {
      if (this.uses(record.id).length > 0 || (!all && record.tags.length > 0)) continue;
      deleted.push(...(await this.#remove(record, undefined, true)));
    }
    await sweep(this.#content, this.#inUse());
    const bytes = Math.max(0, before - (await layerBytes(this.#content)));
    publishPrune(this.#events, "image", bytes);
    return { deleted, bytes };
  }

  /** Removes what was kept for containers that are gone, and what crashes left. */
  collect(): Promise<Collected> {
    return sweep(this.#content, this.#inUse());
  }

  /** Removes images that only a container kept, once it is gone. */
  async release(): Promise<void> {
    if (!this.#content.catalog.all().some(({ removed }) => removed)) return;
    await collect(this.#content, this.#inUse(), []);
  }

  /** Bytes of all layers, and of each image those that others have too; for `docker system df`. */
  diskUsage(): ReturnType<typeof diskUsage> {
    return diskUsage(this.#content);
  }

  async #remove(image: ImageRecord, name: string | undefined, force: boolean): Promise<Deleted[]> {
    const { catalog } = this.#content;
    const plan = planRemoval({ image, name, force, uses: this.uses(image.id) });
    const deleted: Deleted[] = [];
    for (const one of plan.untag) {
      await catalog.untag(one);
      await this.#publish("untag", image.id, image.id);
      deleted.push({ Untagged: familiar(one) });
    }
    if (!plan.delete) return deleted;
    const inUse = this.#inUse();
    if (inUse.has(image.id)) await catalog.hide(image.id);
    else await catalog.remove([image.id]);
    this.#documents.forget(image.id);
    this.#publish("delete", image.id, image.id);
    const { layers } = await collect(this.#content, inUse, [...image.blobs, ...image.chain]);
    return [...deleted, ...[image.id, ...layers.reverse()].map((Deleted) => ({ Deleted }))];
  }

  /** Unpacks again what is gone, or was unpacked for another storage driver. */
  async #restore(record: ImageRecord): Promise<void> {
    const held = await Promise.all(record.chain.map((id) => this.#content.layers.find(id)));
    if (!held.includes(undefined)) return;
    await assemble(this.#content, {
      manifest: await this.#content.blobs.read(record.manifest, MANIFEST_BYTES),
      progress: () => undefined,
      fetch: async ({ digest }) => {
        if ((await this.#content.blobs.size(digest)) !== undefined) return "exists";
        throw new FairleadError("not_found", `its blob ${digest} is lost`, {
          hint: "pull or load the image again",
        });
      },
      isRestore: true,
    });
  }

  #lookUp(reference: string): ImageRecord | undefined {
    const { catalog } = this.#content;
    const name = this.#nameOf(reference);
    if (name !== undefined) return catalog.named(name);
    const hex = reference.replace(/^sha256:/, "");
    const found = /^[a-f0-9]{1,64}$/.test(hex) ? catalog.withPrefix(hex) : [];
    if (found.length > 1) {
      throw new FairleadError("invalid", `image id ${show(reference)} is ambiguous`, {
        hint: "give more of the id, or a name",
      });
    }
    return found[0];
  }

  #require(reference: string): ImageRecord {
    const found = this.#lookUp(reference);
    if (found !== undefined) return found;
    throw missingImage(reference);
  }

  /** The full name that a text means, when an image has it; a text may be an id as well. */
  #nameOf(text: string): string | undefined {
    if (/^(sha256:)?[a-f0-9]{64}$/.test(text)) return undefined;
    let reference: Reference;
    try {
      reference = parseReference(text);
    } catch {
      return undefined;
    }
    const { tag: _, ...pinned } = reference;
    const name = formatReference(reference.digest === undefined ? reference : pinned);
    return this.#content.catalog.named(name) === undefined ? undefined : name;
  }

  #tagsLike(text: string): string[] {
    const bare = formatReference(parseReference(text)).replace(/:latest$/, "");
    const tags = this.#content.catalog.list().flatMap((image) => image.tags);
    return tags.filter((tag) => tag.replace(/:[^/:]*$/, "") === bare);
  }

  async #all(): Promise<ShownImage[]> {
    const images = await Promise.all(
      this.#content.catalog.list().map((record) => this.#documents.shown(record)),
    );
    return images.filter((image) => image !== undefined);
  }

  #inUse(): Set<string> {
    return new Set([...this.#usage()].map(({ imageId }) => imageId).concat(this.#kept()));
  }

  /** With the labels of the image, as long as it is there. */
  async #publish(action: string, id: string, name: string, image = id): Promise<void> {
    const record = this.#content.catalog.get(image);
    const shown = record && (await this.#documents.shown(record));
    this.#events.publish("image", action, id, { ...shown?.document.config?.Labels, name });
  }
}

function platformOf({ platform }: { platform?: string }): { platform?: Platform } {
  return platform === undefined || platform === "" ? {} : { platform: parsePlatform(platform) };
}
