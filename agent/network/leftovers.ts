// Finds and removes what an earlier agent of the same instance left in the kernel and under /run.
import { readdir } from "node:fs/promises";
import type { Discovery } from "./discovery/discovery.ts";
import { endpointId, linkAlias, vethName } from "./model/names.ts";
import type { NetworkSpec } from "./model/network.ts";
import type { SandboxRecord } from "./model/record.ts";
import type { Kernel } from "./netlink/kernel.ts";
import { deleteLink, listLinks, readLinks } from "./netlink/link.ts";

interface Unreadable {
  networks: string[];
  containers: string[];
}

/** Every end of a container on the host that what is unreadable can have. */
function namesOf(
  unreadable: Unreadable,
  networks: NetworkSpec[],
  sandboxes: SandboxRecord[],
  instance: string,
): string[] {
  const veth = (container: string, network: string) =>
    vethName(endpointId(instance, container, network));
  const everyNetwork = [...unreadable.networks, ...networks.map(({ id }) => id)];
  const ends = unreadable.containers.flatMap((id) =>
    everyNetwork.map((network) => veth(id, network)),
  );
  const others = unreadable.networks.flatMap((network) =>
    sandboxes.map(({ containerId }) => veth(containerId, network)),
  );
  return [...ends, ...others];
}

/** Only interfaces with the instance's mark, and files in its own folders, are ever removed. */
export async function collectLeftovers(
  kernel: Kernel,
  { instance, run, discovery }: { instance: string; run: string; discovery: Discovery },
  state: {
    networks(): NetworkSpec[];
    sandboxes(): SandboxRecord[];
    unreadable(): Unreadable;
    /** What networks have on the host, also unreadable ones. */
    links(): string[];
  },
): Promise<void> {
  const [networks, sandboxes, unreadable] = [
    state.networks(),
    state.sandboxes(),
    state.unreadable(),
  ];
  const wanted = new Set([
    ...state.links(),
    ...sandboxes.flatMap(({ endpoints }) => endpoints.map(({ hostInterface }) => hostInterface)),
    ...namesOf(unreadable, networks, sandboxes, instance),
  ]);
  const [reply] = await kernel.route([listLinks()]);
  const stray = readLinks(reply ?? Buffer.alloc(0)).filter(
    ({ name, alias }) => alias === linkAlias(instance) && !wanted.has(name),
  );
  await kernel.route(stray.map(({ name }) => deleteLink(name)));

  const live = new Set([
    ...sandboxes.map(({ containerId }) => containerId),
    ...unreadable.containers,
  ]);
  for (const name of await list(`${run}/netns`)) {
    if (!live.has(name)) await kernel.native.deleteNetns(`${run}/netns/${name}`);
  }
  const named = new Set([
    ...networks.filter(({ nameResolution }) => nameResolution).map(({ id }) => id),
    ...unreadable.networks,
  ]);
  await discovery.keepOnly(named);
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
