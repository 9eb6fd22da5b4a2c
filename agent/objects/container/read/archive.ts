// docker cp and docker export: reads and writes files in a container, running or not. Everything
// happens inside the container's root: links in it lead nowhere else.
import { closeSync, type Stats } from "node:fs";
import { basename, dirname, posix } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import type { Header } from "tar-stream";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { decompress } from "../../../images/compression.ts";
import type { Unpacker } from "../../../images/unpack.ts";
import { exists } from "../../host.ts";
import { packTree } from "../../tree/archive.ts";
import { makeRooted, type Overlaid, openRooted, type Rooted } from "../../tree/rooted-path.ts";
import { rewriteTar } from "../../tree/tar-rewrite.ts";
import { resolveUser } from "../create/user.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";

/** What `X-Docker-Container-Path-Stat` tells. */
export interface PathStat {
  name: string;
  size: number;
  /** Go's os.FileMode: permission bits and its own type bits. */
  mode: number;
  mtime: string;
  linkTarget: string;
}

export interface PutOptions {
  /** Refuse to replace a directory by a file and the other way round. */
  noOverwriteDirNonDir: boolean;
  /** Give everything to the container's user, where it has one. */
  copyUidGid: boolean;
}

/** The container's root on the host, and what its mounts put over it. */
export interface View {
  root: string;
  mounts: Overlaid;
}

/** What a request names: a path in a container, which errors call as the client called it. */
export interface Place {
  container: Container;
  reference: string;
  path: string;
}

/** The facts about one path; `not_found` in Docker's words. */
export function statPath(place: Place, parts: ContainerParts): Promise<PathStat> {
  return withView(place, parts, async (view) => {
    const found = requirePath(view, place);
    try {
      return pathStat(found, place.path, view);
    } finally {
      closeSync(found.fd);
    }
  });
}

/** The tar stream of a path; the container stays viewable until `send` has resolved. */
export function getArchive(
  place: Place,
  parts: ContainerParts,
  send: (stat: PathStat, tar: Readable) => Promise<void>,
): Promise<void> {
  return withView(place, parts, async (view) => {
    const found = requirePath(view, place);
    const stat = pathStat(found, place.path, view);
    publish(parts.events, place.container, "archive-path");
    await send(stat, packTree(found, stat.name, view.mounts));
  });
}

/** Everything in the container's root, without what is mounted in it. */
export function exportContainer(
  container: Container,
  parts: ContainerParts,
  send: (tar: Readable) => Promise<void>,
): Promise<void> {
  const place = { container, reference: container.id, path: "/" };
  return withView(place, parts, async ({ root }) => {
    const found = openRooted(root, "/");
    if (!found) throw new FairleadError("internal", "the container has no root");
    publish(parts.events, container, "export");
    await send(packTree(found, ""));
  });
}

/** Unpacks a tar stream, which may be compressed, into a directory of the container. */
export function putArchive(
  place: Place,
  body: Readable,
  options: PutOptions,
  parts: ContainerParts,
): Promise<void> {
  const { container } = place;
  return withView(place, parts, async (view) => {
    const found = openRooted(view.root, cleaned(place.path), { mounts: view.mounts });
    if (!found) throw missing(place);
    try {
      if (!found.stat.isDirectory()) {
        throw new FairleadError("invalid", "extraction point is not a directory");
      }
      refuseReadOnly(container, found.path);
      const tar = await decompress(body.pipe(new PassThrough()));
      const owner = options.copyUidGid ? ownerOf(container, view) : {};
      const checked = rewriteTar(tar, (header) => {
        if (options.noOverwriteDirNonDir) refuseReplacing(found, header);
        return owner;
      });
      await unpackInto(parts.unpack, checked, found.fd);
    } finally {
      closeSync(found.fd);
    }
    publish(parts.events, container, "extract-to-dir");
  });
}

/** Whom copies belong to; without a user of its own a container leaves owners as they are. */
function ownerOf(container: Container, view: View): { uid?: number; gid?: number } {
  const user = container.record.config.User ?? "";
  if (user === "") return {};
  const { uid, gid } = resolveUser(view.root, user);
  return { uid, gid };
}

/** The unpacker opens the directory by our handle, so nobody can exchange it on the way. */
async function unpackInto(unpack: Unpacker, tar: Readable, fd: number): Promise<void> {
  await unpack(tar, { directory: `/proc/${process.pid}/fd/${fd}`, whiteouts: "marker" });
}

function refuseReadOnly(container: Container, path: string): void {
  const { mounts, hostConfig } = container.record;
  const [mount] = mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length);
  if (mount?.readOnly) {
    throw new FairleadError("forbidden", "mounted volume is marked read-only");
  }
  if (!mount && hostConfig.ReadonlyRootfs) {
    throw new FairleadError("forbidden", "container rootfs is marked read-only");
  }
}

/**
 * The container's root as the host sees it: that of a container which does not run is mounted for
 * as long as the work takes. What is mounted inside is looked up at its source; a tmpfs of a
 * running container cannot be seen from outside, as with dockerd.
 */
export async function withView<T>(
  place: Place,
  parts: ContainerParts,
  work: (view: View) => Promise<T>,
): Promise<T> {
  const { container } = place;
  const open = async (): Promise<View> => {
    const layers = await parts.images.root(container.record.imageId);
    if (!layers) throw new FairleadError("not_found", `No such image: ${container.record.imageId}`);
    const root = await parts.storage.mount(container.id, layers);
    const mounts = overlaid(container);
    for (const target of mounts.keys()) makeRooted(root, dirname(target), mounts);
    return { root, mounts };
  };
  if (container.running) return work(await open());
  return container.exclusive(async () => {
    if (container.removed) throw missing(place);
    const view = await open();
    try {
      return await work(view);
    } finally {
      if (!container.running) await parts.storage.unmount(container.id);
    }
  });
}

function overlaid(container: Container): Overlaid {
  const sources = container.record.mounts
    .filter(({ type }) => type !== "tmpfs")
    .map(({ target, source, subpath }): [string, string] => [
      target,
      subpath ? `${source}/${subpath}` : source,
    ]);
  const { resolvConf, hostname, hosts } = container.paths;
  const own: [string, string][] = [
    ["/etc/resolv.conf", resolvConf],
    ["/etc/hostname", hostname],
    ["/etc/hosts", hosts],
  ];
  return new Map([...own.filter(([, source]) => exists(source)), ...sources]);
}

/** Docker takes `..` out of a path before it looks at any link. */
function cleaned(path: string): string {
  return posix.resolve("/", path);
}

/** As dockerd: the last link is itself meant, unless the path ends in `/` or `/.`. */
function requirePath(view: View, place: Place): Rooted {
  const asDirectory = /(^|\/)\.?$/.test(place.path);
  const options = { followLast: asDirectory, mounts: view.mounts };
  const found = openRooted(view.root, cleaned(place.path), options);
  if (!found) throw missing(place);
  if (!asDirectory || found.stat.isDirectory()) return found;
  closeSync(found.fd);
  throw new FairleadError("invalid", `${place.path}: not a directory`);
}

function missing({ path, reference }: Place): FairleadError {
  return new FairleadError(
    "not_found",
    `Could not find the file ${path} in container ${reference}`,
  );
}

/** The last part of the path, `.` when it ends in that; entries of an archive are so called. */
function nameOf(path: string): string {
  return /(^|\/)\.\/*$/.test(path) ? "." : basename(cleaned(path)) || "/";
}

const GO_DIRECTORY = 2 ** 31;
const GO_SYMLINK = 2 ** 27;
const GO_DEVICE = 2 ** 26;
const GO_FIFO = 2 ** 25;
const GO_SOCKET = 2 ** 24;
const GO_SETUID = 2 ** 23;
const GO_SETGID = 2 ** 22;
const GO_CHARACTER = 2 ** 21;
const GO_STICKY = 2 ** 20;

function pathStat(found: Rooted, path: string, view: View): PathStat {
  const { stat, link } = found;
  return {
    name: nameOf(path),
    size: stat.size,
    mode: goMode(stat),
    mtime: stat.mtime.toISOString(),
    linkTarget: link === "" ? "" : (resolved(view, cleaned(path)) ?? link),
  };
}

/** Where a link leads inside the container, as an absolute path. */
function resolved(view: View, path: string): string | undefined {
  const target = openRooted(view.root, path, { mounts: view.mounts });
  if (!target) return undefined;
  closeSync(target.fd);
  return target.path;
}

function goMode(stat: Stats): number {
  const mode = Number(stat.mode);
  const type = stat.isDirectory()
    ? GO_DIRECTORY
    : stat.isSymbolicLink()
      ? GO_SYMLINK
      : stat.isCharacterDevice()
        ? GO_DEVICE + GO_CHARACTER
        : stat.isBlockDevice()
          ? GO_DEVICE
          : stat.isFIFO()
            ? GO_FIFO
            : stat.isSocket()
              ? GO_SOCKET
              : 0;
  const special =
    (mode & 0o4000 ? GO_SETUID : 0) +
    (mode & 0o2000 ? GO_SETGID : 0) +
    (mode & 0o1000 ? GO_STICKY : 0);
  return type + special + (mode & 0o777);
}

/** Fails at an entry that would put a file over a directory or a directory over a file. */
function refuseReplacing(into: Rooted, header: Header): void {
  const there = openRooted(`/proc/self/fd/${into.fd}`, header.name, { followLast: false });
  if (!there) return;
  const wasDirectory = there.stat.isDirectory();
  closeSync(there.fd);
  if (wasDirectory === (header.type === "directory")) return;
  const [what, by] = wasDirectory ? ["directory", "non-directory"] : ["non-directory", "directory"];
  throw new FairleadError("invalid", `cannot overwrite ${what} ${header.name} with ${by}`);
}
