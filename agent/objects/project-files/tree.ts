// Places in a project's folder on this host. Containers write there, so nothing in it is believed:
// every component is opened by itself and no link is followed, and only regular files are read.
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
} from "node:fs";

/** O_PATH of open(2): a handle for a place that reads nothing; the same on x86 and arm. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** What stands at a place; times in nanoseconds, as text, since a record keeps them. */
export interface Found {
  type: "file" | "folder" | "link" | "other";
  mode: number;
  size: number;
  /** Changes with everything that changes the file. */
  stamp: string;
}

/** A place by its open folder: whoever swaps the folders above for links moves nothing. */
export interface Place {
  /** For the calls of node:fs, as long as it is not closed. */
  readonly path: string;
  close(): void;
}

/**
 * The place of a path inside `root`, whether something is there or not. Undefined when a folder
 * above it is missing, and not to be made, or is no folder.
 */
export function placeOf(root: string, path: string, make = false): Place | undefined {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  let fd = openSync(root, FOLDER);
  for (const part of parts) {
    const next = openFolder(`/proc/self/fd/${fd}/${part}`, make);
    closeSync(fd);
    if (next === undefined) return undefined;
    fd = next;
  }
  return { path: `/proc/self/fd/${fd}/${name}`, close: () => closeSync(fd) };
}

function openFolder(path: string, make: boolean): number | undefined {
  for (const last of make ? [false, true] : [true]) {
    try {
      return openSync(path, FOLDER);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOTDIR" || code === "ELOOP") return undefined;
      if (code !== "ENOENT") throw error;
      if (last) return undefined;
      mkdirSync(path, 0o755);
    }
  }
  return undefined;
}

/** What is at a path inside `root`; undefined when nothing is. */
export function entryAt(root: string, path: string): Found | undefined {
  const place = placeOf(root, path);
  if (place === undefined) return undefined;
  try {
    return lookAt(place.path);
  } finally {
    place.close();
  }
}

/** The same for a place. */
export function lookAt(path: string): Found | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const type = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "folder"
      : stat.isSymbolicLink()
        ? "link"
        : "other";
  return {
    type,
    mode: Number(stat.mode & 0o7777n),
    size: Number(stat.size),
    stamp: [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(" "),
  };
}

/** Where a link leads, as it says; undefined when it is none. */
export function linkAt(root: string, path: string): string | undefined {
  const place = placeOf(root, path);
  try {
    return place === undefined ? undefined : readlinkSync(place.path);
  } catch {
    return undefined;
  } finally {
    place?.close();
  }
}

/** `sha256:…` of a regular file; undefined when there is none of at most `limitBytes`. */
export async function digestAt(
  root: string,
  path: string,
  limitBytes: number,
): Promise<string | undefined> {
  const fd = openRegular(root, path, limitBytes);
  if (fd === undefined) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream("", { fd, end: limitBytes })) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** A handle for reading a regular file of at most `limitBytes`, which the caller closes. */
export function openRegular(root: string, path: string, limitBytes: number): number | undefined {
  const place = placeOf(root, path);
  if (place === undefined) return undefined;
  try {
    // A pipe would be waited for.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(place.path, flags);
    const stat = fstatSync(fd);
    if (stat.isFile() && stat.size <= limitBytes) return fd;
    closeSync(fd);
    return undefined;
  } catch {
    return undefined;
  } finally {
    place.close();
  }
}
