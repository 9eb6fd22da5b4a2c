// Which image an instruction has made of which image before: what is built again from the same is
// not built again. Shared by all builds of the agent; the images in it are kept, and seen by none.
import { readdir, rm } from "node:fs/promises";
import * as z from "zod";
import { SerialQueue } from "../concurrency/serial-queue.ts";
import { recordForm, writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";

/** What an instruction made. */
export interface Made {
  imageId: string;
  /** RFC 3339: when it was made, so that an image built again from the cache is the same one. */
  created: string;
  /** Whether it changed no file. */
  empty: boolean;
}

interface Entry extends Made {
  /** Milliseconds of Date.now. */
  usedAt: number;
}

const cacheForm = recordForm<{ entries: Record<string, Entry> }>(
  {
    what: "the list of the build cache",
    remedy: "builds run every step again; remove the file",
    version: 1,
  },
  z.looseObject({
    entries: z.record(
      z.string(),
      z.looseObject({
        imageId: z.string(),
        created: z.string(),
        empty: z.boolean(),
        usedAt: z.number(),
      }),
    ),
  }),
);

const MOST_ENTRIES = 2_000;
const LONGEST_MS = 30 * 24 * 3600 * 1000;

/** The folder of builds and what is known of earlier ones; what a killed agent has left goes. */
export async function openBuildCache(
  directory: string,
  records: RecordStore,
): Promise<{ directory: string; cache: BuildCache }> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (!/^(context|scratch)-/.test(name)) continue;
    await rm(`${directory}/${name}`, { recursive: true, force: true });
  }
  return { directory, cache: await BuildCache.open(`${directory}/cache.json`, records) };
}

export class BuildCache {
  readonly #path: string;
  readonly #entries: Map<string, Entry>;
  readonly #saving = new SerialQueue();

  private constructor(path: string, entries: Map<string, Entry>) {
    this.#path = path;
    this.#entries = entries;
  }

  static async open(path: string, records: RecordStore): Promise<BuildCache> {
    const reading = await records.read(cacheForm, path);
    const known = reading && "record" in reading ? Object.entries(reading.record.entries) : [];
    return new BuildCache(path, new Map(known));
  }

  /** What the instruction with this key made; it counts as used now. */
  find(key: string): Made | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.usedAt = Date.now();
    return entry;
  }

  async put(key: string, made: Made): Promise<void> {
    this.#entries.set(key, { ...made, usedAt: Date.now() });
    await this.#save();
  }

  /** The images that the cache keeps. */
  images(): string[] {
    return [...this.#entries.values()].map(({ imageId }) => imageId);
  }

  /** Forgets what was not used for a month, or everything; returns how many it forgot. */
  async prune(all: boolean): Promise<number> {
    const before = this.#entries.size;
    const oldest = all ? Number.POSITIVE_INFINITY : Date.now() - LONGEST_MS;
    for (const [key, { usedAt }] of this.#entries) if (usedAt < oldest) this.#entries.delete(key);
    const byAge = [...this.#entries].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key] of byAge.slice(0, Math.max(0, byAge.length - MOST_ENTRIES))) {
      this.#entries.delete(key);
    }
    if (this.#entries.size < before) await this.#save();
    return before - this.#entries.size;
  }

  #save(): Promise<void> {
    return this.#saving.run(() =>
      writeRecord(cacheForm, this.#path, { entries: Object.fromEntries(this.#entries) }),
    );
  }
}
