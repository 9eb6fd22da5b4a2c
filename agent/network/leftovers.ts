// Finds and removes what an earlier agent of the same instance left in the kernel and under /run.
import { readdir } from "node:fs/promises";
import type { Kernel } from "./kernel.ts";
import { removeNameTable } from "./name-table.ts";
import { endpointId, linkAlias, vethName } from "./names.ts";
import { deleteLink, listLinks, readLinks } from "./netlink/link.ts";
import type { NetworkSpec } from "./network.ts";
import type { SandboxRecord } from "./record.ts";

interface Lost {
  networks: string[];
  containers: string[];
}

/** Every end of a container on the host that what is lost can have. */
function namesOf(
  lost: Lost,
  networks: NetworkSpec[],
  sandboxes: SandboxRecord[],
  instance: string,
): string[] {
  const veth = (container: string, network: string) =>
    vethName(endpointId(instance, container, network));
  const everyNetwork = [...lost.networks, ...networks.map(({ id }) => id)];
  const ends = lost.containers.flatMap((id) => everyNetwork.map((network) => veth(id, network)));
  const others = lost.networks.flatMap((network) =>
    sandboxes.map(({ containerId }) => veth(containerId, network)),
  );
  return [...ends, ...others];
}

/** Only interfaces with the instance's mark, and files in its own folders, are ever removed. */
export async function collectLeftovers(
  kernel: Kernel,
  { instance, run }: { instance: string; run: string },
  state: {
    networks(): NetworkSpec[];
    sandboxes(): SandboxRecord[];
    lost(): Lost;
    /** What networks have on the host, also lost ones. */
    links(): string[];
  },
): Promise<void> {
  const [networks, sandboxes, lost] = [state.networks(), state.sandboxes(), state.lost()];
  const wanted = new Set([
    ...state.links(),
    ...sandboxes.flatMap(({ endpoints }) => endpoints.map(({ hostInterface }) => hostInterface)),
    ...namesOf(lost, networks, sandboxes, instance),
  ]);
  const [reply] = await kernel.route([listLinks()]);
  const stray = readLinks(reply ?? Buffer.alloc(0)).filter(
    ({ name, alias }) => alias === linkAlias(instance) && !wanted.has(name),
  );
  await kernel.route(stray.map(({ name }) => deleteLink(name)));

  const live = new Set([...sandboxes.map(({ containerId }) => containerId), ...lost.containers]);
  for (const name of await list(`${run}/netns`)) {
    if (!live.has(name)) await kernel.native.deleteNetns(`${run}/netns/${name}`);
  }
  const named = new Set([
    ...networks.filter(({ nameResolution }) => nameResolution).map(({ id }) => id),
    ...lost.networks,
  ]);
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
