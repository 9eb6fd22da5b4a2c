// Container roots as plain copies of all layers, for file systems that no other driver works on.

import type { Stats } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { safeId } from "../driver/container-id.ts";
import type { StorageChange, StorageDriver, StorageDriverEntry } from "../driver/driver.ts";
import type { Flatten } from "../driver/flatten.ts";
import { markerLayers } from "../driver/marker-layers.ts";
import { treeBytes } from "../driver/tree-bytes.ts";
import { compareTrees } from "../driver/tree-changes.ts";

export const copy: StorageDriverEntry = {
  name: "copy",
  open: async ({ folder, flatten }) => new CopyDriver(folder, flatten),
};

export class CopyDriver implements StorageDriver {
  readonly name = "copy";
  readonly layerForm = "marker";
  readonly #directory: string;
  readonly #flatten: Flatten;

  constructor(directory: string, flatten: Flatten) {
    this.#directory = directory;
    this.#flatten = flatten;
  }

  async mount(containerId: string, layers: string[]): Promise<string> {
    const home = this.#home(containerId);
    const target = join(home, "rootfs");
    if (await exists(target)) return target;
    const draft = join(home, "draft");
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o711 });
    try {
      await this.#flatten(layers, draft);
      await writeFile(join(home, "base-bytes"), String(await treeBytes(draft)));
      await rename(draft, target);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
    return target;
  }

  async unmount(): Promise<void> {}

  async remove(containerId: string): Promise<void> {
    await rm(this.#home(containerId), { recursive: true, force: true });
  }

  /** The growth since the copy was made: what was overwritten in place is not seen. */
  async usage(containerId: string): Promise<number> {
    const home = this.#home(containerId);
    const base = Number(await readFile(join(home, "base-bytes"), "utf8").catch(() => "0"));
    return Math.max(0, (await treeBytes(join(home, "rootfs"))) - base);
  }

  /** As Docker does without a snapshot to compare with: by what stat(2) tells. */
  async changes(containerId: string, layers: string[]): Promise<StorageChange[]> {
    const directory = join(this.#home(containerId), "rootfs");
    if (!(await exists(directory))) return [];
    return compareTrees({ directory, lower: markerLayers(layers), same });
  }

  details(): Record<string, string> {
    return {};
  }

  #home(containerId: string): string {
    return join(this.#directory, safeId(containerId));
  }
}

/** The sizes of directories are those of other directories. */
function same(before: Stats, now: Stats): boolean {
  return (
    before.mode === now.mode &&
    before.uid === now.uid &&
    before.gid === now.gid &&
    before.rdev === now.rdev &&
    before.mtimeMs === now.mtimeMs &&
    (now.isDirectory() || before.size === now.size)
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
