// Container roots as btrfs snapshots: the layers of an image are put together once, in a subvolume,
// and each container has a snapshot of it. Files are cloned from the layers, so nothing is there
// twice. Numbers are those of linux/btrfs.h.

import { createHash, randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, readFile, rename, rm, statfs, writeFile } from "node:fs/promises";
import { constants as osConstants } from "node:os";
import { basename, dirname, join } from "node:path";
import { NativeError } from "../../native/index.ts";
import { safeId } from "../driver/container-id.ts";
import type {
  StorageChange,
  StorageDriver,
  StorageDriverEntry,
  StorageHost,
} from "../driver/driver.ts";
import type { Flatten } from "../driver/flatten.ts";
import { compareTrees, lookAt, namesIn, plainTree } from "../driver/tree-changes.ts";

export const btrfs: StorageDriverEntry = {
  name: "btrfs",
  async open({ folder, native, flatten, userNamespace }) {
    if (userNamespace) throw new Error("an agent without root cannot delete subvolumes");
    await mkdir(join(folder, "images"), { recursive: true, mode: 0o711 });
    if ((await statfs(folder)).type !== MAGIC) throw new Error("its file system is not btrfs");
    const driver = new BtrfsDriver(folder, native, flatten);
    await driver.tidy();
    return driver;
  },
};

type Ioctl = Pick<StorageHost["native"], "ioctl">;

const MAGIC = 0x9123683e;
/** struct btrfs_ioctl_vol_args: a descriptor and a name. */
const ARGUMENT_BYTES = 4096;
const NAME_AT = 8;
const SNAP_CREATE = 0x50009401;
const SUBVOL_CREATE = 0x5000940e;
const SNAP_DESTROY = 0x5000940f;
/** BTRFS_FIRST_FREE_OBJECTID: the inode number of the root of every subvolume. */
const SUBVOLUME_INODE = 256;
const { ENOTEMPTY, ENOENT } = osConstants.errno;

class BtrfsDriver implements StorageDriver {
  readonly name = "btrfs";
  readonly layerForm = "marker";
  readonly #directory: string;
  readonly #native: Ioctl;
  readonly #flatten: Flatten;
  /** Images that are being put together. */
  readonly #making = new Map<string, Promise<string>>();

  constructor(directory: string, native: Ioctl, flatten: Flatten) {
    this.#directory = directory;
    this.#native = native;
    this.#flatten = flatten;
  }

  /** Removes what a crash left unfinished. */
  async tidy(): Promise<void> {
    const images = join(this.#directory, "images");
    for (const name of await namesIn(images)) {
      if (name.startsWith("draft-")) await this.#destroy(join(images, name));
    }
  }

  async mount(containerId: string, layers: string[]): Promise<string> {
    const target = this.#root(containerId);
    if (await lookAt(target)) return target;
    await mkdir(dirname(target), { recursive: true, mode: 0o711 });
    await writeFile(this.#layersFile(containerId), JSON.stringify(layers));
    await this.#snapshot(await this.#image(layers), target);
    return target;
  }

  async unmount(): Promise<void> {}

  async remove(containerId: string): Promise<void> {
    await this.#destroy(this.#root(containerId));
    await this.#destroy(dirname(this.#root(containerId)));
  }

  async usage(containerId: string): Promise<number> {
    const text = await readFile(this.#layersFile(containerId), "utf8").catch(() => "[]");
    const changes = await this.changes(containerId, JSON.parse(text));
    return changes.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async changes(containerId: string, layers: string[]): Promise<StorageChange[]> {
    const directory = this.#root(containerId);
    if (!(await lookAt(directory))) return [];
    const lower = plainTree(await this.#image(layers));
    return compareTrees({ directory, lower, same: unwritten });
  }

  details(): Record<string, string> {
    return {};
  }

  async forgetLayer(layer: string): Promise<void> {
    await this.#destroy(this.#imagePath([layer]));
  }

  #root(containerId: string): string {
    return join(this.#directory, safeId(containerId), "rootfs");
  }

  /** What the container's image was put together from. */
  #layersFile(containerId: string): string {
    return join(this.#directory, safeId(containerId), "layers.json");
  }

  /** The topmost layer tells which are below it. */
  #imagePath(layers: readonly string[]): string {
    const key = createHash("sha256")
      .update(layers.at(-1) ?? "")
      .digest("hex");
    return join(this.#directory, "images", key);
  }

  async #image(layers: readonly string[]): Promise<string> {
    const path = this.#imagePath(layers);
    if (await lookAt(path)) return path;
    const work = this.#making.get(path) ?? this.#makeImage(path, layers);
    this.#making.set(path, work);
    try {
      return await work;
    } finally {
      this.#making.delete(path);
    }
  }

  async #makeImage(path: string, layers: readonly string[]): Promise<string> {
    const draft = join(dirname(path), `draft-${randomBytes(8).toString("hex")}`);
    await this.#in(dirname(draft), SUBVOL_CREATE, argument(0, basename(draft)));
    try {
      await this.#flatten(layers, draft);
      await rename(draft, path);
    } catch (error) {
      await this.#destroy(draft);
      throw error;
    }
    return path;
  }

  async #snapshot(from: string, to: string): Promise<void> {
    const source = await open(from, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await this.#in(dirname(to), SNAP_CREATE, argument(source.fd, basename(to)));
    } finally {
      await source.close();
    }
  }

  /** Deletes a subvolume or directory with all that a container made in it, subvolumes too. */
  async #destroy(path: string): Promise<void> {
    const seen = await lookAt(path);
    if (seen === undefined) return;
    if (seen.ino === SUBVOLUME_INODE && (await this.#destroySubvolume(path))) return;
    await this.#destroyWithin(path);
    if (seen.ino === SUBVOLUME_INODE) await this.#destroySubvolume(path);
    else await rm(path, { recursive: true, force: true });
  }

  /** Subvolumes below a path, deepest first; links are not followed. */
  async #destroyWithin(path: string): Promise<void> {
    for (const name of await namesIn(path)) {
      const below = join(path, name);
      const seen = await lstat(below);
      if (!seen.isDirectory()) continue;
      if (seen.ino === SUBVOLUME_INODE && (await this.#destroySubvolume(below))) continue;
      await this.#destroyWithin(below);
      if (seen.ino === SUBVOLUME_INODE) await this.#destroySubvolume(below);
    }
  }

  /** Whether it went; it does not while others are in it. */
  async #destroySubvolume(path: string): Promise<boolean> {
    try {
      await this.#in(dirname(path), SNAP_DESTROY, argument(0, basename(path)));
      return true;
    } catch (error) {
      if (error instanceof NativeError && error.errno === ENOENT) return true;
      if (error instanceof NativeError && error.errno === ENOTEMPTY) return false;
      throw error;
    }
  }

  #in(directory: string, request: number, bytes: Buffer): Promise<void> {
    return this.#native.ioctl(directory, request, bytes);
  }
}

function argument(descriptor: number, name: string): Buffer {
  const bytes = Buffer.alloc(ARGUMENT_BYTES);
  bytes.writeBigInt64LE(BigInt(descriptor));
  bytes.write(name, NAME_AT);
  return bytes;
}

/** A snapshot keeps inode numbers and times of change, and nobody can set those back. */
function unwritten(before: Stats, now: Stats): boolean {
  return before.ino === now.ino && before.ctimeMs === now.ctimeMs;
}
