// The mounts of a container at its start: volumes are mounted and filled, subpaths opened inside
// their volume, sources checked; and at its end the volumes are given back.
import { closeSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { kernelAtLeast } from "../../../runtime/seccomp.ts";
import type { ContainerMount } from "../../../runtime/spec-mounts.ts";
import { readText } from "../../host.ts";
import { openRooted } from "../../tree/rooted-path.ts";
import { givenSource } from "../create/given-sources.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import type { MountRecord } from "../state/record.ts";

/** mount_setattr(2) with AT_RECURSIVE. */
const READ_ONLY_BELOW = "5.12";

/** Every mount of the record with its source on the host. `rootfs` is where copy-up reads. */
export async function openMounts(
  container: Container,
  rootfs: string,
  parts: ContainerParts,
): Promise<ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  for (const record of container.record.mounts) {
    const source = await sourceOf(container, record, rootfs, parts);
    mounts.push({
      type: record.type === "tmpfs" ? "tmpfs" : "bind",
      source,
      target: record.target,
      readOnly: record.readOnly,
      propagation: record.propagation,
      recursive: record.recursive,
      readOnlyBelow: readOnlyBelow(record, parts.facts.kernel),
      options: record.tmpfsOptions,
    });
  }
  return mounts;
}

/** Gives back every volume that `openMounts` took. */
export async function closeMounts(container: Container, parts: ContainerParts): Promise<void> {
  for (const { type, name, driver } of container.record.mounts) {
    if (type !== "volume") continue;
    await parts.volumes.unmount(name, container.id);
    if (!container.mounted.delete(name)) continue;
    const attributes = { container: container.id, driver };
    parts.events.publish("volume", "unmount", name, attributes);
  }
}

async function sourceOf(
  container: Container,
  record: MountRecord,
  rootfs: string,
  parts: ContainerParts,
): Promise<string> {
  if (record.type === "tmpfs") return "tmpfs";
  if (record.type === "bind") {
    const source = givenSource(record.source, parts) ?? record.source;
    await requireSource(source);
    requirePropagation(source, record.propagation);
    return source;
  }
  const data = await parts.volumes.mount(record.name, container.id);
  tellMount(container, record, parts);
  if (record.copyUp) {
    await parts.volumes.populate(record.name, rootfs, record.target);
  }
  return record.subpath === "" ? data : subpathOf(data, record.subpath);
}

function tellMount(container: Container, record: MountRecord, parts: ContainerParts): void {
  container.mounted.add(record.name);
  parts.events.publish("volume", "mount", record.name, {
    container: container.id,
    destination: record.target,
    driver: record.driver,
    propagation: "",
    "read/write": String(!record.readOnly),
  });
}

async function requireSource(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    throw new FairleadError("invalid", `error while creating mount source path '${path}'`, {
      path,
      hint: (error as Error).message,
      cause: error,
    });
  }
}

/** Mounts can be passed on only where the mount that holds the source passes them on itself. */
function requirePropagation(path: string, propagation: string): void {
  const wanted = propagation.replace(/^r/, "");
  if (wanted !== "shared" && wanted !== "slave") return;
  const { target, passes } = mountHolding(path);
  if (passes.includes("shared:")) return;
  if (wanted === "slave" && passes.includes("master:")) return;
  const kind = wanted === "shared" ? "a shared mount" : "a shared or slave mount";
  throw new FairleadError("invalid", `path ${path} is mounted on ${target} but it is not ${kind}`);
}

/** The mount point above a path, and the optional fields that tell its propagation: proc(5). */
function mountHolding(path: string): { target: string; passes: string } {
  let found = { target: "/", passes: "" };
  for (const line of readText("/proc/self/mountinfo").split("\n")) {
    const [, target = "", passes = ""] = /^\d+ \d+ \S+ \S+ (\S+) \S+ (.*?)- /.exec(line) ?? [];
    const holds = target === "/" || path === target || path.startsWith(`${target}/`);
    if (target !== "" && holds && target.length >= found.target.length) found = { target, passes };
  }
  return found;
}

/** A directory or file below a volume's, without leaving it by a link. */
async function subpathOf(data: string, subpath: string): Promise<string> {
  const found = openRooted(data, subpath);
  if (!found) {
    throw new FairleadError("invalid", `volume subpath ${JSON.stringify(subpath)} does not exist`, {
      hint: "make the directory in the volume first",
    });
  }
  closeSync(found.fd);
  return `${data}${found.path}`;
}

function readOnlyBelow(record: MountRecord, kernel: string): boolean {
  if (!record.readOnly || record.type !== "bind" || record.readOnlyBelow === "no") return false;
  const can = kernelAtLeast(kernel, READ_ONLY_BELOW);
  if (!can && record.readOnlyBelow === "force") {
    throw new FairleadError("unsupported", `mount ${record.target}: ReadOnlyForceRecursive`, {
      hint: `the kernel needs to be ${READ_ONLY_BELOW} or newer`,
    });
  }
  return can;
}

/** Makes the folder of a container's shared memory, for those that let others join it. */
export async function openSharedMemory(
  container: Container,
  parts: ContainerParts,
): Promise<string | undefined> {
  const { hostConfig } = container.record;
  if (hostConfig.IpcMode !== "shareable") return undefined;
  const { shm } = container.paths;
  await mkdir(shm, { recursive: true, mode: 0o700 });
  await parts.mounts.unmount(shm);
  const size = hostConfig.ShmSize ?? 64 * 1024 * 1024;
  await parts.mounts.tmpfs(shm, `mode=1777,size=${size}`);
  return shm;
}
