// Container roots as overlay mounts: shared layers below, what the container writes above.
import { chmod, chown, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import { type Native, NativeError } from "../native/index.ts";
import type { StorageDriver } from "./driver.ts";
import { treeBytes } from "./tree-bytes.ts";

/** What the driver asks of the addon. */
export type OverlayMounts = Pick<Native, "mountOverlay" | "umount">;

const EINVAL = 22;
const ENOENT = 2;
/** OVL_MAX_STACK in fs/overlayfs/params.h. */
const MOST_LAYERS = 500;

export class OverlayDriver implements StorageDriver {
  readonly name = "overlay";
  readonly #directory: string;
  readonly #mounts: OverlayMounts;
  readonly #options: string[];

  /** Keeps everything below `directory`, which is on the file system of the layers. */
  constructor(directory: string, mounts: OverlayMounts, options: string[] = []) {
    this.#options = options;
    this.#directory = directory;
    this.#mounts = mounts;
  }

  async mount(containerId: string, layers: string[]): Promise<string> {
    if (layers.length > MOST_LAYERS) {
      throw new FairleadError("invalid", `an image of ${layers.length} layers cannot be mounted`, {
        hint: `overlayfs takes at most ${MOST_LAYERS}: squash the image`,
      });
    }
    const home = this.#home(containerId);
    const target = join(home, "merged");
    if (await isMounted(home, target)) return target;
    for (const folder of ["upper", "work", "merged"]) {
      await mkdir(join(home, folder), { recursive: true, mode: 0o711 });
    }
    const empty = join(this.#directory, "empty");
    await mkdir(empty, { recursive: true, mode: 0o755 });
    const lowers = layers.length === 0 ? [empty] : [...layers].reverse();
    // The root of the merged tree looks like the root of the upper one.
    await copyRoot(lowers[0] ?? empty, join(home, "upper"));
    await this.#mounts.mountOverlay({
      lowers,
      upper: join(home, "upper"),
      work: join(home, "work"),
      target,
      options: this.#options,
    });
    return target;
  }

  async unmount(containerId: string): Promise<void> {
    const target = join(this.#home(containerId), "merged");
    await this.#mounts.umount(target, { detach: true }).catch((error: unknown) => {
      const gone =
        error instanceof NativeError && (error.errno === EINVAL || error.errno === ENOENT);
      if (!gone) throw error;
    });
  }

  async remove(containerId: string): Promise<void> {
    await this.unmount(containerId);
    const home = this.#home(containerId);
    const grave = join(this.#directory, `removed-${containerId}`);
    await rename(home, grave).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY") throw error;
    });
    await rm(grave, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  }

  async usage(containerId: string): Promise<number> {
    return treeBytes(join(this.#home(containerId), "upper"));
  }

  #home(containerId: string): string {
    return join(this.#directory, safeId(containerId));
  }
}

/** A container id as a folder name; anything else is a fault of ours and stays off the disk. */
export function safeId(id: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(id)) {
    throw new FairleadError("internal", `not a container id: ${JSON.stringify(id)}`);
  }
  return id;
}

/** A mount point is on another device than the folder that holds it. */
async function isMounted(home: string, target: string): Promise<boolean> {
  try {
    const [outer, inner] = await Promise.all([stat(home), stat(target)]);
    return outer.dev !== inner.dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function copyRoot(from: string, to: string): Promise<void> {
  const seen = await stat(from);
  await chown(to, seen.uid, seen.gid);
  await chmod(to, seen.mode & 0o7777);
}
