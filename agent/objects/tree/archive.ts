// Packs a part of a container's tree into a tar stream, without following any link out of it:
// every directory is walked by its own open handle. Reads only.

import { once } from "node:events";
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { Readable } from "node:stream";
import { type Header, type Pack, pack } from "tar-stream";
import { splitDevice } from "../../runtime/spec-resources.ts";
import type { Overlaid, Rooted } from "./rooted-path.ts";

const DEPTH_LIMIT = 256;
/** O_PATH of open(2); see rooted-path.ts. */
const O_PATH = 0o10000000;

/** The tar stream of what `from` holds, under `name`; takes over the handle. */
export function packTree(from: Rooted, name: string, mounts: Overlaid = new Map()): Readable {
  const archive = pack();
  const walk: Walk = { archive, mounts, seen: new Map() };
  const place = { fd: from.fd, name, path: from.path === "/" ? "" : from.path, link: from.link };
  void add(walk, place, 0)
    .then(() => archive.finalize())
    .catch((error: Error) => archive.destroy(error))
    .finally(() => closeSync(from.fd));
  // streamx streams keep the contract of Node's, but not its type.
  return Readable.from(archive as AsyncIterable<Buffer>);
}

type Entry = Partial<Header> & Pick<Header, "name">;

interface Walk {
  archive: Pack;
  mounts: Overlaid;
  /** Names by device and inode of files with several links. */
  seen: Map<string, string>;
}

/** Something in the tree: its name in the archive, and its path in the root. */
interface Place {
  fd: number;
  name: string;
  path: string;
  /** Where it leads, when it is a link. */
  link: string;
}

async function add(walk: Walk, place: Place, depth: number): Promise<void> {
  const { fd, name } = place;
  const stat = fstatSync(fd);
  const header = headerOf(name, stat);
  if (stat.isDirectory()) {
    if (name !== "") {
      await entry(walk.archive, {
        ...header,
        name: `${name.replace(/\/$/, "")}/`,
        type: "directory",
      });
    }
    if (depth < DEPTH_LIMIT) await addChildren(walk, place, depth);
    return;
  }
  if (stat.isSymbolicLink()) {
    await entry(walk.archive, { ...header, type: "symlink", linkname: place.link });
    return;
  }
  if (stat.isFile()) {
    await addFile(walk, fd, header, stat);
    return;
  }
  const { major, minor } = splitDevice(stat.rdev);
  if (stat.isCharacterDevice()) await device(walk, header, "character-device", major, minor);
  else if (stat.isBlockDevice()) await device(walk, header, "block-device", major, minor);
  else if (stat.isFIFO()) await entry(walk.archive, { ...header, type: "fifo" });
  // A socket has no form in tar; dockerd leaves it out too.
}

async function addChildren(walk: Walk, parent: Place, depth: number): Promise<void> {
  // An O_PATH handle cannot be listed, but its magic link opens the same directory.
  for (const child of readdirSync(`/proc/self/fd/${parent.fd}`)) {
    const at = `/proc/self/fd/${parent.fd}/${child}`;
    const path = `${parent.path}/${child}`;
    const source = walk.mounts.get(path);
    const fd = openIfThere(source ?? at, source === undefined ? constants.O_NOFOLLOW : 0);
    if (fd === undefined) continue;
    try {
      const link = fstatSync(fd).isSymbolicLink() ? readlinkSync(at) : "";
      const name = parent.name === "" ? child : `${parent.name.replace(/\/$/, "")}/${child}`;
      await add(walk, { fd, name, path, link }, depth + 1);
    } finally {
      closeSync(fd);
    }
  }
}

/** A handle; undefined for what was removed since it was listed. */
function openIfThere(path: string, flags: number): number | undefined {
  try {
    return openSync(path, O_PATH | flags);
  } catch {
    return undefined;
  }
}

async function addFile(walk: Walk, fd: number, header: Entry, stat: Stats): Promise<void> {
  const key = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1 ? walk.seen.get(key) : undefined;
  if (first !== undefined) {
    await entry(walk.archive, { ...header, size: 0, type: "link", linkname: first });
    return;
  }
  if (stat.nlink > 1) walk.seen.set(key, header.name);
  const done = new Promise<void>((resolve, reject) => {
    const size = stat.size;
    const sink = walk.archive.entry({ ...header, type: "file", size }, (error) =>
      error ? reject(error) : resolve(),
    );
    void feed(fd, size, sink).catch((error: Error) => {
      sink.destroy(error);
      reject(error);
    });
  });
  await done;
}

/** A file that grows meanwhile is cut at the size in its header; one that shrinks fails. */
async function feed(fd: number, size: number, sink: ReturnType<Pack["entry"]>): Promise<void> {
  if (size > 0) {
    const source = createReadStream(`/proc/self/fd/${fd}`, { end: size - 1 });
    for await (const chunk of source) {
      if (sink.destroyed) return;
      if (sink.write(chunk) === false) await once(sink as never, "drain");
    }
  }
  sink.end(null);
}

function device(
  { archive }: Walk,
  header: Entry,
  type: "character-device" | "block-device",
  devmajor: number,
  devminor: number,
): Promise<void> {
  return entry(archive, { ...header, type, devmajor, devminor });
}

function entry(archive: Pack, header: Entry): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, (error) => (error ? reject(error) : resolve()));
  });
}

function headerOf(name: string, stat: Stats): Entry {
  return {
    name,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: stat.mtime,
    size: 0,
  };
}
