// The records of this agent on disk. One that cannot be read is set aside under a name that says
// so, told to whoever asks, and never removed.
import { existsSync } from "node:fs";
import { readdir, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type UnreadableRecord, unreadableText } from "../../resources/wire.ts";
import { sweepDrafts, syncFolder } from "./durable-file.ts";
import type { RecordForm } from "./record.ts";

/** A record that was read, or why it could not be; nothing where there is none. */
export type Reading<T> =
  | { readonly record: T }
  | { readonly unreadable: UnreadableRecord }
  | undefined;

const SET_ASIDE = /\.(unreadable-\d{8}T\d{6}Z|version-\d+)(-\d+)?$/;
const NEWER = /\.version-(\d+)(-\d+)?$/;
/** Want of something that comes back says nothing of the record. */
const PASSING = ["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR"];

export class RecordStore {
  readonly #report: (line: string) => void;
  readonly #unreadable = new Map<string, UnreadableRecord>();

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** What is set aside and still lies there. */
  get unreadable(): UnreadableRecord[] {
    return [...this.#unreadable.values()].filter(({ setAside }) => existsSync(setAside));
  }

  /** Why the record at a path could not be read, also if that was an earlier agent's finding. */
  unreadableAt(path: string): UnreadableRecord | undefined {
    return this.unreadable.find((one) => one.path === path);
  }

  /** Notes a record that is gone although its object is there. */
  missing<T>({ what, remedy }: RecordForm<T>, path: string): UnreadableRecord {
    return this.note({ what, remedy, path, setAside: dirname(path), reason: "it is not there" });
  }

  /** Notes what somebody else has set aside. */
  note(unreadable: UnreadableRecord): UnreadableRecord {
    this.#unreadable.set(unreadable.setAside, unreadable);
    this.#report(unreadableText(unreadable));
    return unreadable;
  }

  /**
   * Looks through a folder, and `depth` folders below, at the agent's start: removes drafts of
   * agents that are gone, and notes what was set aside before.
   */
  async sweep(folder: string, depth: number): Promise<void> {
    await sweepDrafts(folder, depth, (file) => {
      const path = file.replace(SET_ASIDE, "");
      if (path === file) return;
      const reason = NEWER.test(file)
        ? "a newer agent wrote it"
        : "an earlier start could not read it";
      this.note({ what: basename(path), path, setAside: file, reason, remedy: RESTORE });
    });
  }

  /** Reads a record; of a newer form, of none that is known or not `fits`, it is set aside. */
  async read<T extends object>(
    form: RecordForm<T>,
    path: string,
    fits: (record: T) => boolean = () => true,
  ): Promise<Reading<T>> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return this.#absent(form, path, fits);
      if (PASSING.includes(code)) throw error;
      return { unreadable: await this.#setAside(form, path, message, "unreadable") };
    }
    try {
      const value: unknown = JSON.parse(text);
      const version = versionOf(value);
      if (form.version !== undefined && version > form.version) {
        const reason = `a newer agent wrote it, in version ${version} of its form`;
        return { unreadable: await this.#setAside(form, path, reason, `version-${version}`) };
      }
      const record = withoutVersion(form, form.check(value));
      if (!fits(record)) throw new Error("it belongs to another object than its place says");
      return { record };
    } catch (error) {
      const { message } = error as Error;
      return { unreadable: await this.#setAside(form, path, message, "unreadable") };
    }
  }

  /** What an older agent set aside for being too new is taken up again by one that knows it. */
  async #absent<T extends object>(
    form: RecordForm<T>,
    path: string,
    fits: (record: T) => boolean,
  ): Promise<Reading<T>> {
    const known = this.unreadableAt(path);
    if (known === undefined) return undefined;
    const version = Number(NEWER.exec(known.setAside)?.[1]);
    if (version <= (form.version ?? 0)) {
      await rename(known.setAside, path);
      this.#unreadable.delete(known.setAside);
      return this.read(form, path, fits);
    }
    const unreadable = { ...known, what: form.what, remedy: form.remedy };
    this.#unreadable.set(known.setAside, unreadable);
    return { unreadable };
  }

  async #setAside<T>(
    form: RecordForm<T>,
    path: string,
    reason: string,
    how: string,
  ): Promise<UnreadableRecord> {
    const setAside = await freeName(`${path}.${how === "unreadable" ? `${how}-${now()}` : how}`);
    const moved = await rename(path, setAside).then(
      () => true,
      () => false,
    );
    if (moved) await syncFolder(dirname(path)).catch(() => undefined);
    const { what, remedy } = form;
    return this.note({ what, path, setAside: moved ? setAside : path, reason, remedy });
  }
}

const RESTORE = "restore it from a backup and restart the agent, or remove the file";

function versionOf(value: unknown): number {
  const { version } = (value ?? {}) as { version?: unknown };
  return typeof version === "number" ? version : 1;
}

/** The version belongs to the file, not to what it says. */
function withoutVersion<T extends object>(form: RecordForm<T>, record: T): T {
  if (form.version === undefined) return record;
  const { version: _, ...rest } = record as T & { version?: number };
  return rest as T;
}

function now(): string {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, "");
}

async function freeName(path: string): Promise<string> {
  const taken = new Set(await readdir(dirname(path)).catch(() => []));
  if (!taken.has(basename(path))) return path;
  for (let n = 2; ; n++) {
    const name = `${basename(path)}-${n}`;
    if (!taken.has(name)) return join(dirname(path), name);
  }
}
