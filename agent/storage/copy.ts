// Container roots as plain copies of all layers, for file systems that overlayfs cannot work on.
import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import type { StorageDriver } from "./driver.ts";
import { safeId } from "./overlay.ts";
import { treeBytes } from "./tree-bytes.ts";

/** Copies layers, lowest first, into an empty directory, applying their whiteouts. */
export type Flatten = (layers: readonly string[], directory: string) => Promise<void>;

export class CopyDriver implements StorageDriver {
  readonly name = "copy";
  readonly #directory: string;
  readonly #flatten: Flatten;

  constructor(directory: string, flatten: Flatten) {
    this.#directory = directory;
    this.#flatten = flatten;
  }

  async mount(containerId: string, layers: string[]): Promise<string> {
    const home = join(this.#directory, safeId(containerId));
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
    await rm(join(this.#directory, safeId(containerId)), { recursive: true, force: true });
  }

  /** The growth since the copy was made: what was overwritten in place is not seen. */
  async usage(containerId: string): Promise<number> {
    const home = join(this.#directory, safeId(containerId));
    const base = Number(await readFile(join(home, "base-bytes"), "utf8").catch(() => "0"));
    return Math.max(0, (await treeBytes(join(home, "rootfs"))) - base);
  }
}

/** Flattens with the static binary. */
export function nativeFlatten(binary: string): Flatten {
  return (layers, directory) => {
    const from = layers.flatMap((layer) => ["--layer", layer]);
    const argv = ["unpack", "--root", directory, "--whiteouts", "plain", ...from];
    return new Promise((resolve, reject) => {
      execFile(binary, argv, { maxBuffer: 64 * 1024 }, (error, stdout) => {
        if (error === null) return resolve();
        reject(new FairleadError("internal", `cannot copy the layers: ${reasonOf(stdout, error)}`));
      });
    });
  };
}

function reasonOf(stdout: string, error: Error): string {
  try {
    return String(JSON.parse(stdout).error.message);
  } catch {
    return error.message.slice(0, 500);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
