// Opens paths inside a container's root without ever following a link out of it: each component is
// opened by itself, links are resolved by hand, and `..` never leaves the root. Synchronous, since
// a walk is a few system calls.
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { FairleadError } from "../../../resources/model/errors.ts";

/** open(2): a handle for a place in the tree that reads nothing; the same number on x86 and arm. */
const O_PATH = 0o10000000;
const LINKS_LIMIT = 40;
const DEPTH_LIMIT = 256;

/** A file or directory that was found; `fd` is an O_PATH handle which the caller closes. */
export interface Rooted {
  fd: number;
  stat: Stats;
  /** Where it leads, when it is itself a symbolic link; else "". */
  link: string;
  /** The path inside the root, with every link resolved. */
  path: string;
}

/** Directories and files of the host that lie over paths in a root, by that path. */
export type Overlaid = ReadonlyMap<string, string>;

export interface RootedOptions {
  /** Whether a link at the very end is followed; default true. */
  followLast?: boolean;
  /** What is mounted in the root where it runs, but not where we look at it. */
  mounts?: Overlaid;
}

/** The place that `path` names inside `root`; undefined when there is none. */
export function openRooted(
  root: string,
  path: string,
  options: RootedOptions = {},
): Rooted | undefined {
  const walk = new Walk(root, options.mounts ?? new Map());
  try {
    return walk.to(path, options.followLast ?? true);
  } finally {
    walk.close();
  }
}

/** Makes a directory and those above it where they are missing, owned by root with mode 0755. */
export function makeRooted(root: string, path: string, mounts: Overlaid = new Map()): void {
  const walk = new Walk(root, mounts, true);
  try {
    const found = walk.to(path, true);
    if (found) closeSync(found.fd);
  } finally {
    walk.close();
  }
}

/** A regular file's bytes, at most `limitBytes`; undefined for anything else. */
export function readRooted(root: string, path: string, limitBytes: number): Buffer | undefined {
  const found = openRooted(root, path);
  if (!found) return undefined;
  try {
    if (!found.stat.isFile()) return undefined;
    return readAtMost(`/proc/self/fd/${found.fd}`, limitBytes);
  } finally {
    closeSync(found.fd);
  }
}

class Walk {
  /** Handles from the root to where the walk is; `..` drops the last. */
  readonly #stack: { fd: number; name: string }[];
  readonly #mounts: Overlaid;
  readonly #make: boolean;
  #links = 0;
  #lastLink = "";

  constructor(root: string, mounts: Overlaid, make = false) {
    this.#mounts = mounts;
    this.#make = make;
    this.#stack = [{ fd: openSync(root, O_PATH | constants.O_DIRECTORY), name: "" }];
  }

  to(path: string, followLast: boolean): Rooted | undefined {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    while (parts.length > 0) {
      const part = parts.shift() ?? "";
      if (part === "..") {
        if (this.#stack.length > 1) closeSync(this.#stack.pop()?.fd ?? -1);
        continue;
      }
      const step = this.#step(part);
      if (step === undefined) return undefined;
      if (typeof step === "number") {
        if (parts.length > 0 && !fstatSync(step).isDirectory()) {
          closeSync(step);
          return undefined;
        }
        this.#push(step, part);
      } else if (parts.length === 0 && !followLast) {
        this.#push(step.fd, part);
        this.#lastLink = step.target;
      } else {
        closeSync(step.fd);
        this.#follow(step.target, parts);
      }
    }
    return this.#found();
  }

  close(): void {
    for (const { fd } of this.#stack) closeSync(fd);
  }

  /** A handle of the next component, or of a link with where it leads. */
  #step(name: string): number | { fd: number; target: string } | undefined {
    // What is mounted over a place is there even when the place itself is missing.
    const source = this.#mounts.get(`${this.#path().replace(/\/$/, "")}/${name}`);
    if (source !== undefined) return openSync(source, O_PATH);
    const at = `/proc/self/fd/${this.#stack.at(-1)?.fd}/${name}`;
    const fd = openPlain(at) ?? (this.#make ? makeDirectory(at) : undefined);
    if (fd === undefined) return undefined;
    if (!fstatSync(fd).isSymbolicLink()) return fd;
    try {
      return { fd, target: readlinkSync(at) };
    } catch {
      closeSync(fd);
      return undefined;
    }
  }

  #follow(target: string, parts: string[]): void {
    this.#links += 1;
    if (this.#links > LINKS_LIMIT) {
      throw new FairleadError("invalid", "too many levels of symbolic links");
    }
    if (target.startsWith("/")) {
      for (const { fd } of this.#stack.splice(1)) closeSync(fd);
    }
    parts.unshift(...target.split("/").filter((part) => part !== "" && part !== "."));
  }

  #push(fd: number, name: string): void {
    this.#stack.push({ fd, name });
    if (this.#stack.length > DEPTH_LIMIT) throw new FairleadError("invalid", "path is too deep");
  }

  #path(): string {
    return this.#stack.map(({ name }) => name).join("/") || "/";
  }

  #found(): Rooted {
    const path = this.#path();
    const { fd } = this.#stack.pop() as { fd: number };
    return { fd, stat: fstatSync(fd), link: this.#lastLink, path };
  }
}

/** A handle that follows no link; undefined when nothing is there. */
function openPlain(path: string): number | undefined {
  try {
    return openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return undefined;
    throw error;
  }
}

function makeDirectory(path: string): number | undefined {
  mkdirSync(path, 0o755);
  return openPlain(path);
}

function readAtMost(path: string, limitBytes: number): Buffer | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = fstatSync(fd);
    if (size > limitBytes) {
      throw new FairleadError("invalid", `a file of the container is larger than ${limitBytes}`);
    }
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
