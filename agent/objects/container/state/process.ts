// Where the processes of a running container can be found: its control groups and its /proc entry.
import { readdirSync, readlinkSync, rmdirSync } from "node:fs";
import { exists, readText } from "../../host.ts";
import type { Container } from "./container.ts";
import type { ContainerParts } from "./parts.ts";

/** The control group folders that belong to the container alone. */
function cgroupFolders(container: Container, parts: ContainerParts): string[] {
  const { mounts, unified } = parts.facts.cgroup;
  const parent = container.record.hostConfig.CgroupParent || `/${parts.instance}`;
  const roots = new Set([...Object.values(mounts), ...(unified === undefined ? [] : [unified])]);
  return [...roots].map((root) => `${root}${parent}/${container.id}`).filter(exists);
}

/** The folder of one controller, such as `memory`; undefined when the host has it not. */
export function cgroupFolder(
  container: Container,
  controller: string,
  parts: ContainerParts,
): string | undefined {
  const root = parts.facts.cgroup.mounts[controller];
  if (root === undefined) return undefined;
  const parent = container.record.hostConfig.CgroupParent || `/${parts.instance}`;
  const folder = `${root}${parent}/${container.id}`;
  return exists(folder) ? folder : undefined;
}

/** Everything that runs in the groups of the container, its runtime's own monitor included. */
export function allProcesses(container: Container, parts: ContainerParts): number[] {
  const pids = new Set<number>();
  for (const folder of ownFolders(container, parts)) collect(folder, pids, 0);
  return [...pids];
}

/** Removes the groups of a container that has ended; one that is not empty stays. */
export function removeCgroups(container: Container, parts: ContainerParts): void {
  for (const folder of ownFolders(container, parts)) removeTree(folder, 0);
}

function ownFolders(container: Container, parts: ContainerParts): string[] {
  const folders = cgroupFolders(container, parts);
  return [...folders, ...folders.map((folder) => `${folder}.monitor`)].filter(exists);
}

function removeTree(folder: string, depth: number): void {
  try {
    const entries = depth < 8 ? readdirSync(folder, { withFileTypes: true }) : [];
    for (const entry of entries) {
      if (entry.isDirectory()) removeTree(`${folder}/${entry.name}`, depth + 1);
    }
    rmdirSync(folder);
  } catch (error) {
    if (!["EBUSY", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** The ids of all processes in the container, also those in control groups below its own. */
export function processIds(container: Container, parts: ContainerParts): number[] {
  const controller = parts.facts.cgroup.version === 2 ? "memory" : "pids";
  const folder = cgroupFolder(container, controller, parts) ?? cgroupFolders(container, parts)[0];
  if (folder === undefined) return container.state?.pid ? relatives(container.state.pid) : [];
  const pids = new Set<number>();
  collect(folder, pids, 0);
  return [...pids].sort((a, b) => a - b);
}

/** Without a control group: whoever is in the same pid namespace, which is the container's own. */
function relatives(pid: number): number[] {
  const space = pidNamespace(pid);
  if (space === undefined) return [pid];
  return readdirSync("/proc")
    .map(Number)
    .filter((other) => other > 0 && pidNamespace(other) === space)
    .sort((a, b) => a - b);
}

/** Undefined for a process that is gone, or of another user. */
function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function collect(folder: string, pids: Set<number>, depth: number): void {
  for (const line of readText(`${folder}/cgroup.procs`).split("\n")) {
    if (line !== "") pids.add(Number(line));
  }
  if (depth >= 8) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) collect(`${folder}/${entry.name}`, pids, depth + 1);
  }
}
