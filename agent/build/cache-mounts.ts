// The folders of `--mount=type=cache`: they outlive a build, are shared by all builds of the agent
// by their id, and are in no image.
import { createHash } from "node:crypto";
import { chmod, chown, mkdir } from "node:fs/promises";
import type { Mount } from "@docker/node-sdk";
import { SerialQueues } from "../concurrency/serial-queue.ts";
import { bindOf, type MountRequest } from "./mounts.ts";
import type { BuildParts } from "./parts.ts";

/** Who uses a folder now: those who want it for themselves in turn, and how many share it. */
const queues = new SerialQueues();
const users = new Map<string, number>();

/** Runs the work with the cache mounts of a step; `locked` ones are for one step at a time. */
export async function withCaches<T>(
  mounts: readonly MountRequest[],
  parts: BuildParts,
  work: (binds: Mount[]) => Promise<T>,
): Promise<T> {
  const caches = mounts.filter(({ type }) => type === "cache");
  const wanted = caches.filter(({ sharing }) => sharing === "locked").map(({ id }) => id);
  // In one order everywhere and each once, so that no step waits for another or for itself.
  const locked = [...new Set(wanted)].sort();
  const taken: string[] = [];
  const within = async () => {
    try {
      const binds: Mount[] = [];
      for (const cache of caches) {
        const name = nameOf(cache);
        taken.push(name);
        users.set(name, (users.get(name) ?? 0) + 1);
        binds.push(bindOf(cache, await folderOf(name, cache, parts)));
      }
      return await work(binds);
    } finally {
      for (const name of taken) users.set(name, (users.get(name) ?? 1) - 1);
    }
  };
  return locked.reduceRight((next: () => Promise<T>, id) => () => queues.run(id, next), within)();
}

/** A private cache that is in use is not shared: the step gets the next one that is free. */
function nameOf({ id, sharing }: MountRequest): string {
  const base = createHash("sha256").update(id).digest("hex").slice(0, 32);
  if (sharing !== "private") return base;
  for (let serial = 0; ; serial += 1) {
    const name = `${base}-${serial}`;
    if ((users.get(name) ?? 0) === 0) return name;
  }
}

async function folderOf(
  name: string,
  { uid, gid, mode }: MountRequest,
  { directory }: BuildParts,
): Promise<string> {
  const path = `${directory}/caches/${name}`;
  if ((await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined) {
    await chown(path, uid, gid);
    await chmod(path, mode);
  }
  return path;
}
