// Finds and removes what an earlier agent of the same instance left in the kernel and under /run.
import { readdir } from "node:fs/promises";
import { linkAlias } from "./bridge.ts";
import type { Kernel } from "./kernel.ts";
import { removeNameTable } from "./name-table.ts";
import { deleteLink, listLinks, readLinks } from "./netlink/link.ts";
import type { NetworkSpec } from "./network.ts";
import type { SandboxRecord } from "./sandbox.ts";

/** Only interfaces with the instance's mark, and files in its own folders, are ever removed. */
export async function collectLeftovers(
  kernel: Kernel,
  { instance, run }: { instance: string; run: string },
  networks: NetworkSpec[],
  sandboxes: SandboxRecord[],
): Promise<void> {
  const wanted = new Set([
    ...networks.map(({ bridge }) => bridge?.name),
    ...sandboxes.flatMap(({ endpoints }) => endpoints.map(({ hostInterface }) => hostInterface)),
  ]);
  const [reply] = await kernel.route([listLinks()]);
  const stray = readLinks(reply ?? Buffer.alloc(0)).filter(
    ({ name, alias }) => alias === linkAlias(instance) && !wanted.has(name),
  );
  await kernel.route(stray.map(({ name }) => deleteLink(name)));

  const live = new Set(sandboxes.map(({ containerId }) => containerId));
  for (const name of await list(`${run}/netns`)) {
    if (!live.has(name)) await kernel.native.deleteNetns(`${run}/netns/${name}`);
  }
  const named = new Set(
    networks.filter(({ nameResolution }) => nameResolution).map(({ id }) => id),
  );
  for (const name of await list(`${run}/hosts`)) {
    if (!named.has(name)) await removeNameTable(`${run}/hosts/${name}`);
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
