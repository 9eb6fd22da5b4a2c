// A btrfs on a loop device, for tests.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";

const BTRFS_BYTES = 256 * 1024 * 1024;

/** Why there is no btrfs; "" when it is mounted. */
export async function mountBtrfs(image: string, target: string): Promise<string> {
  if (!readFileSync("/proc/filesystems", "utf8").includes("\tbtrfs\n")) {
    return "this kernel has no btrfs";
  }
  try {
    execFileSync("truncate", ["-s", String(BTRFS_BYTES), image]);
    execFileSync("mkfs.btrfs", ["-q", image], { stdio: "pipe" });
    await mkdir(target);
    execFileSync("mount", ["-o", "loop", image, target], { stdio: "pipe" });
    return "";
  } catch (error) {
    return `btrfs cannot be mounted: ${(error as Error).message}`;
  }
}
