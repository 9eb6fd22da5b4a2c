// The files of projects on this host: what was delivered, where, and whether it is still so. A
// folder for each project has files.json (the record), tree/ (what containers see) and incoming/.
import { readFileSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import * as z from "zod";
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  type ProjectEntry,
  type ProjectEntryState,
  type ProjectManifest,
  type ProjectState,
  projectEntry,
} from "../../../resources/wire.ts";
import { SerialQueues } from "../../concurrency/serial-queue.ts";
import { recordForm, writeRecord } from "../../state/record.ts";
import type { RecordStore } from "../../state/record-store.ts";
import { applyManifest, type DeliveredEntry } from "./apply.ts";
import { receive } from "./receive.ts";
import { digestAt, entryAt, type Found, linkAt } from "./tree.ts";

export interface Delivered {
  manifest: string;
  entries: DeliveredEntry[];
  /** When nothing was forced to disk: the run of the machine that alone has written it for sure. */
  boot?: string;
}

const form = recordForm<Delivered>(
  {
    what: "the record of a project's files",
    remedy: "fairlead up delivers them again; what containers wrote is kept",
    version: 1,
  },
  z.looseObject({
    manifest: z.string(),
    entries: z.array(z.looseObject({ entry: projectEntry, stamp: z.string() })),
    boot: z.string().exactOptional(),
  }),
);

/** Larger files of containers in the place of ours are not read: they are other ones. */
const LARGEST_COMPARED = 256 * 1024 * 1024;
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export class ProjectFiles {
  readonly #folder: string;
  readonly #records: RecordStore;
  /** One delivery or removal at a time for each project. */
  readonly #busy = new SerialQueues();
  readonly #boot: string | undefined;

  /** What is not `durable` is looked at byte by byte after the machine was started again. */
  constructor(folder: string, records: RecordStore, { durable = true } = {}) {
    this.#folder = folder;
    this.#records = records;
    if (!durable) this.#boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  }

  /** The folder that the paths of a project's mounts are in; `invalid` for no project's name. */
  tree(project: string): string {
    return join(this.#home(project), "tree");
  }

  /** Which delivery is there, and whether nothing of it was changed since. */
  async summary(project: string): Promise<{ manifest: string; clean: boolean } | undefined> {
    const record = PROJECT.test(project) ? await this.#record(project) : undefined;
    if (record === undefined) return undefined;
    const states = await this.#states(project, record);
    return { manifest: record.manifest, clean: states.every(({ changed }) => !changed) };
  }

  /** Everything that was delivered, as it is now. */
  async state(project: string): Promise<ProjectState> {
    const record = await this.#record(project);
    return { entries: record === undefined ? [] : await this.#states(project, record) };
  }

  /** Takes a delivery: a tar of the manifest and what the host lacks. */
  deliver(project: string, tar: Readable, signal: AbortSignal): Promise<{ kept: string[] }> {
    return this.#busy.run(project, async () => {
      const home = this.#home(project);
      const incoming = join(home, "incoming");
      await rm(incoming, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      await mkdir(this.tree(project), { recursive: true, mode: 0o755 });
      try {
        const manifest = await receive(tar, incoming, signal);
        return await this.#apply(project, manifest, incoming);
      } finally {
        await rm(incoming, { recursive: true, force: true });
      }
    });
  }

  /** Removes all of a project, also what containers wrote. */
  remove(project: string): Promise<void> {
    return this.#busy.run(project, () => rm(this.#home(project), { recursive: true, force: true }));
  }

  /** Does the work while nobody delivers to these projects. */
  holding<T>(projects: readonly string[], work: () => Promise<T>): Promise<T> {
    // In one order everywhere, so that no work waits for another.
    const names = [...new Set(projects)].sort();
    return names.reduceRight<() => Promise<T>>(
      (next, name) => () => this.#busy.run(name, next),
      work,
    )();
  }

  /** Removes what nothing was delivered to for so long. */
  async prune(longestMs: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!PROJECT.test(name)) continue;
      const seen = await stat(join(this.#home(name), "files.json")).catch(() => undefined);
      if (seen && Date.now() - seen.mtimeMs >= longestMs) await this.remove(name);
    }
  }

  async #apply(project: string, manifest: ProjectManifest, incoming: string) {
    const before = await this.#record(project);
    const states = before === undefined ? [] : await this.#states(project, before);
    const durable = this.#boot === undefined;
    const folders = { tree: this.tree(project), incoming, durable };
    const done = await applyManifest(folders, manifest, states);
    const record: Delivered = {
      manifest: manifest.digest,
      entries: done.entries,
      ...(this.#boot === undefined ? {} : { boot: this.#boot }),
    };
    await writeRecord(form, join(this.#home(project), "files.json"), record);
    return { kept: done.kept };
  }

  async #record(project: string): Promise<Delivered | undefined> {
    const reading = await this.#records.read(form, join(this.#home(project), "files.json"));
    return reading && "record" in reading ? reading.record : undefined;
  }

  async #states(project: string, { entries, boot }: Delivered): Promise<ProjectEntryState[]> {
    const tree = this.tree(project);
    const states: ProjectEntryState[] = [];
    const isSure = boot === this.#boot;
    for (const { entry, stamp } of entries) {
      states.push(await stateOf(tree, entry, isSure ? stamp : ""));
    }
    return states;
  }

  #home(project: string): string {
    if (PROJECT.test(project)) return join(this.#folder, project);
    throw new FairleadError("invalid", `${JSON.stringify(project)} is no name of a project`);
  }
}

/** A delivered entry as it is now. */
async function stateOf(
  tree: string,
  entry: ProjectEntry,
  stamp: string,
): Promise<ProjectEntryState> {
  const found = entryAt(tree, entry.path);
  if (found === undefined) return { ...entry, changed: true, is: "missing" };
  if (entry.type === "folder") {
    // A container may change the mode of a folder that is its own.
    const same = found.type === "folder" && (entry.keep || found.mode === entry.mode);
    return same ? { ...entry, changed: false } : { ...entry, changed: true, is: found.type };
  }
  if (found.type !== entry.type) return { ...entry, changed: true, is: found.type };
  if (entry.type === "link") {
    const target = linkAt(tree, entry.path);
    return { ...entry, changed: target !== entry.target };
  }
  if (found.stamp === stamp) return { ...entry, changed: false };
  return fileState(tree, entry, found);
}

async function fileState(
  tree: string,
  entry: Extract<ProjectEntry, { type: "file" }>,
  found: Found,
): Promise<ProjectEntryState> {
  const now = await digestAt(tree, entry.path, LARGEST_COMPARED);
  const same = now === entry.digest && (entry.keep || found.mode === entry.mode);
  return { ...entry, changed: !same, ...(now === undefined ? {} : { now }) };
}
