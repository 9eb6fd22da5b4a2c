// Fills an empty volume with what an image has at its mount point, as Docker does on first use.
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import type { Flatten } from "./driver/flatten.ts";

const LINKS = 40;

/**
 * Copies owner, mode and content of `containerPath` in a container's root to a directory, if that
 * is empty and the path is a directory. The container must not run: the root stands still.
 */
export async function populate(
  directory: string,
  rootfsPath: string,
  containerPath: string,
  flatten: Flatten,
): Promise<void> {
  if ((await readdir(directory)).length > 0) return;
  const source = await resolveInRoot(rootfsPath, containerPath);
  if (source === undefined || !(await lstat(source)).isDirectory()) return;
  await flatten([source], directory);
}

/** The place that a path means to a process whose root is `root`; undefined when there is none. */
async function resolveInRoot(root: string, path: string): Promise<string | undefined> {
  const waiting = path.split("/").reverse();
  const found: string[] = [];
  let links = 0;
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      found.pop();
      continue;
    }
    const here = join(root, ...found, part);
    const seen = await lstat(here).catch(absent);
    if (seen === undefined) return undefined;
    if (!seen.isSymbolicLink()) {
      found.push(part);
      continue;
    }
    if (++links > LINKS) {
      throw new FairleadError("invalid", `too many symbolic links in ${JSON.stringify(path)}`);
    }
    const target = await readlink(here);
    if (target.startsWith("/")) found.length = 0;
    waiting.push(...target.split("/").reverse());
  }
  return join(root, ...found);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
