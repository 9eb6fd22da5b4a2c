// The control groups of a lab host on this machine, one in each hierarchy, and all that is in them.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually } from "./shell.ts";

const TOP = "/sys/fs/cgroup";

/** Makes the groups of the host; gives their folders. */
export function makeCgroups(host: string): string[] {
  const folders = foldersOf(host);
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    // A new cpuset accepts no process until it has processors and memory nodes (cpuset(7)).
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parent = join(folder, "..", file);
      if (!folder.includes("/cpuset/") || !existsSync(parent)) continue;
      writeFileSync(join(folder, file), readFileSync(parent, "utf8"));
    }
  }
  return folders;
}

/** Kills what runs in the host's groups, and removes them. */
export async function dropCgroups(host: string): Promise<void> {
  for (const folder of foldersOf(host)) {
    const gone = () => {
      killAll(folder);
      return remove(folder);
    };
    await eventually(`cgroup ${folder} is gone`, 10_000, gone).catch(() => {});
  }
}

function foldersOf(host: string): string[] {
  const leaf = `lab-${host}`;
  if (existsSync(join(TOP, "cgroup.procs"))) return [join(TOP, leaf)];
  return readdirSync(TOP, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(TOP, entry.name, leaf))
    .filter((path) => existsSync(join(path, "../cgroup.procs")));
}

function killAll(folder: string): void {
  if (!existsSync(folder)) return;
  const pids = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").map(Number);
  for (const pid of pids.filter((one) => one > 1)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) killAll(join(folder, entry.name));
  }
}

function remove(folder: string): boolean {
  if (!existsSync(folder)) return true;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !remove(join(folder, entry.name))) return false;
  }
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
