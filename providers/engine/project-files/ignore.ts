// Which files of a folder are left out, by an ignore file with Docker's patterns. Reads only.
import { readFile, stat } from "node:fs/promises";
import { relative } from "node:path";
import commonjs, { type Ignore } from "@balena/dockerignore";

export class IgnoreFile {
  readonly #directory: string;
  readonly #matcher: Ignore | undefined;
  readonly #hasExceptions: boolean;

  /** `text` is that of the ignore file; its patterns are relative to the directory. */
  constructor(directory: string, text: string | undefined) {
    this.#directory = directory;
    this.#matcher = text === undefined ? undefined : commonjs.default().add(text);
    this.#hasExceptions = text !== undefined && /^\s*!/m.test(text);
  }

  leavesOut(path: string): boolean {
    const inside = relative(this.#directory, path);
    if (inside === "" || inside.startsWith("..")) return false;
    return this.#matcher?.ignores(inside) === true;
  }

  /** Whether something below a folder that it leaves out may be an exception. */
  mayHold(): boolean {
    return this.#hasExceptions;
  }
}

const LARGEST = 1024 * 1024;

/** The text of an ignore file; undefined when there is none. */
export async function ignoreText(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() && found.size < LARGEST ? readFile(path, "utf8") : undefined;
}
