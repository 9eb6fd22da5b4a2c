// docker cp and docker export: reads and writes files in a container, running or not. Everything
// happens inside the container's root: links in it lead nowhere else.
import { closeSync, type Stats } from "node:fs";
import { basename, dirname } from "node:path";
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
  path: string;
  /** Refuse to replace a directory by a file and the other way round. */
  noOverwriteDirNonDir: boolean;
  /** Give everything to the container's user. */
  copyUidGid: boolean;
}

/** The container's root on the host, and what its mounts put over it. */
interface View {
  root: string;
  mounts: Overlaid;
}

/** The facts about one path; `not_found` in Docker's words. */
export function statPath(
  container: Container,
  path: string,
  parts: ContainerParts,
): Promise<PathStat> {
  return withView(container, parts, async (view) => {
    const found = requirePath(view, container, path);
    try {
      return pathStat(found, path, view);
    } finally {
      closeSync(found.fd);
    }
  });
}

/** The tar stream of a path; the container stays viewable until `send` has resolved. */
export function getArchive(
  container: Container,
  path: string,
  parts: ContainerParts,
  send: (stat: PathStat, tar: Readable) => Promise<void>,
): Promise<void> {
  return withView(container, parts, async (view) => {
    const found = requirePath(view, container, path);
    const stat = pathStat(found, path, view);
    await send(stat, packTree(found, archiveName(path), view.mounts));
    publish(parts.events, container, "archive-path");
  });
}

/** Everything in the container's root, without what is mounted in it. */
export function exportContainer(
  container: Container,
  parts: ContainerParts,
  send: (tar: Readable) => Promise<void>,
): Promise<void> {
  return withView(container, parts, async ({ root }) => {
    const found = openRooted(root, "/");
    if (!found) throw new FairleadError("internal", "the container has no root");
    await send(packTree(found, ""));
    publish(parts.events, container, "export");
  });
}

/** Unpacks a tar stream, which may be compressed, into a directory of the container. */
export function putArchive(
  container: Container,
  body: Readable,
  options: PutOptions,
  parts: ContainerParts,
): Promise<void> {
  return withView(container, parts, async (view) => {
    const found = openRooted(view.root, options.path, { mounts: view.mounts });
    if (!found) throw missing(container, options.path);
    try {
      refuseReadOnly(container, found.path);
      if (!found.stat.isDirectory()) {
        throw new FairleadError("invalid", "extraction point is not a directory");
      }
      const tar = await decompress(body.pipe(new PassThrough()));
      const { uid, gid } = resolveUser(view.root, container.record.config.User ?? "");
      const checked = rewriteTar(tar, (header) => {
        if (options.noOverwriteDirNonDir) refuseReplacing(found, header);
        return options.copyUidGid ? { uid, gid } : {};
      });
      await unpackInto(parts.unpack, checked, found.fd);
    } finally {
      closeSync(found.fd);
    }
    publish(parts.events, container, "extract-to-dir");
  });
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
async function withView<T>(
  container: Container,
  parts: ContainerParts,
  work: (view: View) => Promise<T>,
): Promise<T> {
  const open = async (): Promise<View> => {
    const image = await parts.images.find(container.record.imageId);
    if (!image) throw new FairleadError("not_found", `No such image: ${container.record.imageId}`);
    const root = await parts.storage.mount(container.id, image.layers);
    const mounts = overlaid(container);
    for (const target of mounts.keys()) makeRooted(root, dirname(target), mounts);
    return { root, mounts };
  };
  if (container.running) return work(await open());
  return container.exclusive(async () => {
    if (container.removed) throw missing(container, "/");
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

/** As dockerd: the last link is itself meant, unless the path ends in `/` or `/.`. */
function requirePath(view: View, container: Container, path: string): Rooted {
  const found = openRooted(view.root, path, {
    followLast: /\/\.?$/.test(path),
    mounts: view.mounts,
  });
  if (found) return found;
  throw missing(container, path);
}

function missing(container: Container, path: string): FairleadError {
  return new FairleadError(
    "not_found",
    `Could not find the file ${path} in container ${container.record.name}`,
  );
}

/** What the entries are called: the last part of the path, `.` when it ends in `/.`. */
function archiveName(path: string): string {
  if (path.endsWith("/.")) return ".";
  return basename(path) || "";
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
    name: basename(path.replace(/\/\.$/, "")) || "/",
    size: stat.size,
    mode: goMode(stat),
    mtime: stat.mtime.toISOString(),
    linkTarget: link === "" ? "" : (resolved(view, path) ?? link),
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
