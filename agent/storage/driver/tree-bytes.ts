// Adds up the sizes of the files below a directory.
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files, each inode once, links not followed; what vanishes counts nothing. */
export async function treeBytes(directory: string): Promise<number> {
  const seen = new Set<string>();
  const waiting = [directory];
  let total = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name);
        const { size, ino, dev, nlink } = await lstat(path);
        if (entry.isDirectory()) {
          waiting.push(path);
          continue;
        }
        if (nlink > 1) {
          const inode = `${dev}:${ino}`;
          if (seen.has(inode)) continue;
          seen.add(inode);
        }
        total += size;
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    }
  }
  return total;
}
