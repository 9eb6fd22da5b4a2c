// The sandbox records of an instance, on disk under /run and in memory.
import { readdir, rm } from "node:fs/promises";
import type { SandboxRecord } from "./sandbox.ts";

/** Crash-safe JSON files; state/record.ts has them. */
export interface RecordFiles {
  write(path: string, value: unknown): Promise<void>;
  read<T>(path: string): Promise<T | undefined>;
}

const FILE_NAME = /^([0-9a-f]{64})\.json$/;

export class SandboxStore {
  readonly #directory: string;
  readonly #files: RecordFiles;
  readonly #records = new Map<string, SandboxRecord>();

  constructor(directory: string, files: RecordFiles) {
    this.#directory = directory;
    this.#files = files;
  }

  /** Reads every record; what is no record is left alone. */
  async load(): Promise<void> {
    for (const name of await readdir(this.#directory).catch(ignoreMissing)) {
      const id = FILE_NAME.exec(name)?.[1];
      const record = id && (await this.#files.read<SandboxRecord>(this.#path(id)));
      if (record) this.#records.set(id, record);
    }
  }

  get(containerId: string): SandboxRecord | undefined {
    return this.#records.get(containerId);
  }

  all(): IterableIterator<SandboxRecord> {
    return this.#records.values();
  }

  async put(record: SandboxRecord): Promise<void> {
    await this.#files.write(this.#path(record.containerId), record);
    this.#records.set(record.containerId, record);
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
