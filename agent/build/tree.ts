// A tree that files are copied from: the build's context, or the root of a stage or an image.
// Nothing in it changes while it is read, and no link leads out of it.
import { createHash } from "node:crypto";
import { closeSync, createReadStream, type Stats } from "node:fs";
import { lstat, opendir, readdir, readFile, readlink } from "node:fs/promises";
import { openRooted } from "../objects/tree/rooted-path.ts";
import { hasWildcard, matcher } from "./patterns.ts";

/** A file or folder of the tree; paths have no leading slash, and the root is "". */
export interface Found {
  path: string;
  stat: Stats;
}

const DEPTH_LIMIT = 256;
/** A smaller file is read in one piece. */
const SMALL_BYTES = 1024 * 1024;

export class Tree {
  readonly root: string;
  /** Content digests of files by path: one build reads each only once. */
  readonly #digests = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  /** What a path means, with all links in it followed inside the tree. */
  find(path: string): Found | undefined {
    const found = openRooted(this.root, path);
    if (found === undefined) return undefined;
    closeSync(found.fd);
    return { path: found.path.replace(/^\/+/, ""), stat: found.stat };
  }

  /** Everything that a source of COPY means, by name; a name without wildcards is itself. */
  async match(source: string): Promise<{ name: string; found: Found }[]> {
    const parts = source.split("/").filter((part) => part !== "" && part !== ".");
    let names = [""];
    for (const part of parts) {
      const next: string[] = [];
      for (const name of names) next.push(...(await this.#step(name, part)));
      names = next;
    }
    return names.flatMap((name) => {
      const found = this.find(name);
      return found === undefined ? [] : [{ name, found }];
    });
  }

  /** All that is below a folder, a folder before what is in it, in the order of names. */
  async *below(folder: string, depth = 0): AsyncGenerator<Found> {
    if (depth > DEPTH_LIMIT) return;
    const names = await readdir(this.#at(folder));
    for (const name of names.sort()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stat = await lstat(this.#at(path));
      yield { path, stat };
      if (stat.isDirectory()) yield* this.below(path, depth + 1);
    }
  }

  /** Type, mode and content of one file, as text that differs when they do. */
  async print({ path, stat }: Found, withOwner: boolean): Promise<string> {
    const owner = withOwner ? `${stat.uid}:${stat.gid}` : "";
    const head = `${stat.mode.toString(8)} ${owner}`;
    if (stat.isFile()) return `${head} ${await this.#digestOf(path, stat.size)}`;
    if (stat.isSymbolicLink()) return `${head} -> ${await readlink(this.#at(path))}`;
    return stat.isDirectory() ? head : `${head} ${stat.rdev}`;
  }

  async #step(name: string, part: string): Promise<string[]> {
    const below = (one: string) => (name === "" ? one : `${name}/${one}`);
    if (!hasWildcard(part)) return [below(part)];
    const folder = this.find(name);
    if (folder?.stat.isDirectory() !== true) return [];
    const fits = matcher(part);
    const names: string[] = [];
    // One after the other as they are read, so that nobody waits for a large folder.
    for await (const { name: one } of await opendir(this.#at(folder.path)))
      if (fits(one)) names.push(one);
    return names.sort().map(below);
  }

  #at(path: string): string {
    return path === "" ? this.root : `${this.root}/${path}`;
  }

  async #digestOf(path: string, size: number): Promise<string> {
    const known = this.#digests.get(path);
    if (known !== undefined) return known;
    const hash = createHash("sha256");
    if (size < SMALL_BYTES) hash.update(await readFile(this.#at(path)));
    else for await (const chunk of createReadStream(this.#at(path))) hash.update(chunk as Buffer);
    const digest = hash.digest("hex");
    this.#digests.set(path, digest);
    return digest;
  }
}
