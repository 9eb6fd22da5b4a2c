// The sandbox records of an instance, on disk under /run and in memory.
import { readdir, rm } from "node:fs/promises";
import { writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";
import { type SandboxRecord, sandboxForm } from "./model/record.ts";

/** With what follows the name of one that is set aside. */
const FILE_NAME = /^([0-9a-f]{64})\.json/;

export class SandboxStore {
  readonly #directory: string;
  readonly #files: RecordStore;
  readonly #records = new Map<string, SandboxRecord>();
  /** Containers of which nobody knows any more what they have in the networks. */
  readonly unreadable = new Set<string>();
  #loaded = false;

  constructor(directory: string, files: RecordStore) {
    this.#directory = directory;
    this.#files = files;
  }

  /** Reads every record, once; what is no record is left alone. */
  async load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    const names = await readdir(this.#directory).catch(ignoreMissing);
    for (const id of new Set(names.map((name) => FILE_NAME.exec(name)?.[1]))) {
      if (id === undefined) continue;
      const isOwn = ({ containerId }: SandboxRecord) => containerId === id;
      const reading = await this.#files.read(sandboxForm, this.#path(id), isOwn);
      if (reading && "record" in reading) this.#records.set(id, reading.record);
      else if (reading) this.unreadable.add(id);
    }
  }

  get(containerId: string): SandboxRecord | undefined {
    return this.#records.get(containerId);
  }

  all(): IterableIterator<SandboxRecord> {
    return this.#records.values();
  }

  async put(record: SandboxRecord): Promise<void> {
    await writeRecord(sandboxForm, this.#path(record.containerId), record);
    this.#records.set(record.containerId, record);
    this.unreadable.delete(record.containerId);
  }

  /**
   * Takes a record out of what is to be true, does the work that follows from it, and deletes the
   * file. When the work fails the record is back, so that it can be done again.
   */
  async withdraw(record: SandboxRecord, work: () => Promise<void>): Promise<void> {
    this.#records.delete(record.containerId);
    try {
      await work();
    } catch (error) {
      this.#records.set(record.containerId, record);
      throw error;
    }
    await rm(this.#path(record.containerId), { force: true });
  }

  #path(containerId: string): string {
    return `${this.#directory}/${containerId}.json`;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
