// Container roots as overlay mounts: shared layers below, what the container writes above.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, chown, lstat, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { constants as osConstants } from "node:os";
import { join } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type Native, NativeError } from "../../native/index.ts";
import { safeId } from "../driver/container-id.ts";
import type {
  StorageChange,
  StorageDriver,
  StorageDriverEntry,
  StorageHost,
} from "../driver/driver.ts";
import { treeBytes } from "../driver/tree-bytes.ts";
import { overlayChanges } from "./overlay-changes.ts";

/** What the driver asks of the addon. */
export type OverlayMounts = Pick<Native, "mountOverlay" | "umount" | "getxattr">;

export const overlay: StorageDriverEntry = {
  name: "overlay",
  async open({ folder, native, userNamespace }) {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const form = userNamespace ? USER_FORM : ROOT_FORM;
    await tryMount(folder, native, form);
    return new OverlayDriver(folder, native, form);
  },
};

const { EINVAL, ENOENT } = osConstants.errno;
/** OVL_MAX_STACK in fs/overlayfs/params.h. */
const MOST_LAYERS = 500;

interface OverlayForm {
  /** What marks a directory that hides those below. */
  opaque: string;
  options: string[];
}

const ROOT_FORM: OverlayForm = { opaque: "trusted.overlay.opaque", options: [] };
/** Linux 5.11 and newer; trusted attributes are for the host's root alone. */
const USER_FORM: OverlayForm = { opaque: "user.overlay.opaque", options: ["userxattr"] };

export class OverlayDriver implements StorageDriver {
  readonly name = "overlay";
  readonly layerForm = "overlay";
  readonly #directory: string;
  readonly #mounts: OverlayMounts;
  readonly #form: OverlayForm;

  /** Keeps everything below `directory`, which is on the file system of the layers. */
  constructor(directory: string, mounts: OverlayMounts, form: OverlayForm = ROOT_FORM) {
    this.#form = form;
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
      options: this.#form.options,
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

  async changes(containerId: string, layers: string[]): Promise<StorageChange[]> {
    const isOpaque = async (directory: string) =>
      String(await this.#mounts.getxattr(directory, this.#form.opaque)) === "y";
    const upper = join(this.#home(containerId), "upper");
    return overlayChanges({ upper, lowers: [...layers].reverse(), isOpaque });
  }

  /** The names that Docker's overlay2 gives them. */
  details(containerId: string, layers: string[]): Record<string, string> {
    const home = this.#home(containerId);
    return {
      LowerDir: [...layers].reverse().join(":"),
      MergedDir: join(home, "merged"),
      UpperDir: join(home, "upper"),
      WorkDir: join(home, "work"),
    };
  }

  #home(containerId: string): string {
    return join(this.#directory, safeId(containerId));
  }
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

/** Mounts, deletes through the mount, looks at the whiteout; throws when a step fails. */
async function tryMount(
  folder: string,
  native: StorageHost["native"],
  form: OverlayForm,
): Promise<void> {
  const trial = join(folder, `trial-${randomBytes(4).toString("hex")}`);
  const [lower, upper, work, target] = ["lower", "upper", "work", "merged"].map((name) =>
    join(trial, name),
  ) as [string, string, string, string];
  let mounted = false;
  try {
    for (const path of [lower, upper, work, target]) await mkdir(path, { recursive: true });
    await writeFile(join(lower, "file"), "");
    await native.mknod(join(lower, "whiteout"), constants.S_IFCHR, 0, 0);
    await native.setxattr(lower, form.opaque, Buffer.from("y"));
    await native.mountOverlay({ lowers: [lower], upper, work, target, options: form.options });
    mounted = true;
    await rm(join(target, "file"));
    const left = await lstat(join(upper, "file"));
    if (!left.isCharacterDevice()) throw new Error("a deletion leaves no whiteout");
  } finally {
    if (mounted) await native.umount(target, { detach: true });
    await rm(trial, { recursive: true, force: true });
  }
}
