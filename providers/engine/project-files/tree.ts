// Reads a folder of this machine by content: what stands where, and the digest of every file. What
// is left out is the caller's; links are kept as they are and never followed. Reads only.
import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { amountOf } from "../../../resources/plan/plan-files.ts";
import { mapBounded } from "../concurrency/bounded.ts";

/** What stands at a root, by path relative to it; "" is the root itself. */
export interface Tree {
  entries: Map<string, Plain>;
}

export type Plain =
  | {
      type: "file";
      mode: number;
      uid: number;
      gid: number;
      size: number;
      digest: string;
      /** Seconds since 1970. */
      modified: number;
      /** On this machine. */
      at: string;
    }
  | { type: "folder"; mode: number; uid: number; gid: number }
  | { type: "link"; target: string };

/** Bounds over all that is read for one purpose. */
export interface Budget {
  limitBytes: number;
  mostEntries: number;
  bytes: number;
  count: number;
  largest: { path: string; size: number }[];
}

export function budgetOf(limitBytes: number, mostEntries: number): Budget {
  return { limitBytes, mostEntries, bytes: 0, count: 0, largest: [] };
}

const NAMED = 3;

/** The largest files that were met, relative to a directory, with their sizes. */
export function largestOf({ largest }: Budget, directory: string): string {
  const most = largest.sort((a, b) => b.size - a.size).slice(0, NAMED);
  return most
    .map(({ path, size }) => `${relative(directory, path)} (${amountOf(size)})`)
    .join(", ");
}

export interface TreeOptions {
  budget: Budget;
  /** Whether a path of this machine is left out. */
  isLeftOut(path: string): boolean;
  /** Whether something below a folder that is left out may be meant all the same. */
  mayHold(path: string): boolean;
  /** Throws for what cannot be read. */
  refuse(path: string, what: string): never;
  /** Leaves out sockets and pipes, which no copy can bring. */
  skipsOthers?: boolean;
}

const MOST_DEPTH = 100;
const READ_AT_ONCE = 16;
/** A smaller file is read in one piece. */
const SMALL_BYTES = 1024 * 1024;

/** Everything at a path; throws before anything is read when it is more than the budget has. */
export async function readTree(source: string, found: Stats, options: TreeOptions): Promise<Tree> {
  const walk = new Walk(source, options);
  await walk.add(source, "", found, 0);
  if (options.budget.bytes > options.budget.limitBytes) return { entries: walk.entries };
  const files = [...walk.entries].flatMap(([, one]) => (one.type === "file" ? [one] : []));
  await mapBounded(files, READ_AT_ONCE, async (file) => {
    file.digest = await digestOf(file.at, file.size);
  });
  return { entries: walk.entries };
}

class Walk {
  readonly entries = new Map<string, Plain>();
  readonly #root: string;
  readonly #options: TreeOptions;

  constructor(root: string, options: TreeOptions) {
    this.#root = root;
    this.#options = options;
  }

  async add(path: string, place: string, found: Stats, depth: number): Promise<void> {
    const { budget, refuse, skipsOthers } = this.#options;
    budget.count += 1;
    if (budget.count > budget.mostEntries || depth > MOST_DEPTH) {
      const much = `${budget.mostEntries} files and folders`;
      refuse(this.#root, `is of more than ${depth > MOST_DEPTH ? `${MOST_DEPTH} levels` : much}`);
    }
    const { uid, gid, size } = found;
    const mode = found.mode & 0o7777;
    if (found.isFile()) {
      budget.bytes += size;
      budget.largest.push({ path, size });
      const modified = Math.max(0, Math.floor(found.mtimeMs / 1000));
      const file = { type: "file", mode, uid, gid, size, digest: "", modified, at: path } as const;
      this.entries.set(place, { ...file });
    } else if (found.isSymbolicLink()) {
      this.entries.set(place, { type: "link", target: await readlink(path) });
    } else if (found.isDirectory()) {
      this.entries.set(place, { type: "folder", mode, uid, gid });
      await this.#below(path, place, depth);
    } else if (!skipsOthers) refuse(path, "is neither a file, a folder nor a link");
  }

  async #below(path: string, place: string, depth: number): Promise<void> {
    const { isLeftOut, mayHold } = this.#options;
    for (const name of (await readdir(path)).sort()) {
      const inner = join(path, name);
      const below = place === "" ? name : `${place}/${name}`;
      const isOut = isLeftOut(inner);
      if (isOut && !mayHold(inner)) continue;
      const found = await lstat(inner);
      if (!isOut) await this.add(inner, below, found, depth + 1);
      else if (found.isDirectory()) await this.#exceptions(inner, below, found, depth + 1);
    }
  }

  /** A folder that is left out is there only for the exceptions in it. */
  async #exceptions(path: string, place: string, found: Stats, depth: number): Promise<void> {
    const before = this.entries.size;
    if (depth <= MOST_DEPTH) await this.#below(path, place, depth);
    if (this.entries.size === before) return;
    const { uid, gid } = found;
    this.entries.set(place, { type: "folder", mode: found.mode & 0o7777, uid, gid });
  }
}

async function digestOf(path: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  if (size < SMALL_BYTES) hash.update(await readFile(path));
  else for await (const chunk of createReadStream(path)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}
