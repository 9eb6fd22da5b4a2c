// What happens to containers when the agent starts: running ones are taken over, exits that nobody
// saw are recorded, leftovers are cleaned, and after a reboot the restart policies apply.
import { readdir, rm } from "node:fs/promises";
import { ShimClient } from "../../../runtime/shim.ts";
import type { ShimState } from "../../../runtime/shim-state.ts";
import { readRecord } from "../../../state/record.ts";
import { Container } from "../state/container.ts";
import { type ContainerParts, pathsIn } from "../state/parts.ts";
import type { ContainerRecord } from "../state/record.ts";
import { lostState, policyWantsStart, watchContainer } from "./lifetime.ts";
import { releaseContainer } from "./release.ts";
import { removeNow } from "./remove.ts";
import { startContainer } from "./start.ts";

const ID = /^[0-9a-f]{64}$/;
const STARTS_AT_ONCE = 4;

/** Reads every record; a folder without one is what a crash left of a creation. */
export async function loadContainers(parts: ContainerParts): Promise<void> {
  const folder = `${parts.root}/containers`;
  const names = await readdir(folder).catch(() => []);
  for (const id of names.filter((name) => ID.test(name))) {
    const paths = pathsIn(parts, id);
    const record = await readRecord<ContainerRecord>(paths.record);
    if (!record) {
      await rm(paths.folder, { recursive: true, force: true });
      continue;
    }
    const container = new Container(record, paths);
    container.state = await readRecord<ShimState>(paths.state);
    parts.containers.add(container);
  }
}

/** Takes over what runs and settles the rest. Containers that start do so in the background. */
export async function recoverContainers(parts: ContainerParts): Promise<void> {
  const toStart: Container[] = [];
  for (const container of parts.containers.all()) {
    try {
      if (await recover(container, parts)) toStart.push(container);
    } catch (error) {
      parts.report(`container ${container.id}: ${(error as Error).stack}`);
    }
  }
  const live = parts.containers.all().filter((container) => container.shim);
  const kept = new Set(live.map(({ id }) => id));
  // An agent without a whole network is still the only way to repair one.
  await parts.network
    .recover(kept)
    .catch((error: Error) => parts.report(`networks: ${error.stack}`));
  void startAll(toStart, parts);
}

/** Settles one container; true when its policy wants it started. */
async function recover(container: Container, parts: ContainerParts): Promise<boolean> {
  if (container.record.removing) {
    await releaseContainer(container, parts);
    await removeNow(container, { volumes: false }, parts);
    return false;
  }
  if (!container.state) return false;
  if (await takeOver(container, parts)) return false;
  const rebooted = container.state.bootId !== parts.facts.bootId;
  const ran = container.running || container.state.status === "created";
  const began = container.state.startedAt !== "";
  if (ran && !began) {
    container.state = undefined;
    await releaseContainer(container, parts);
    return false;
  }
  if (container.running) container.update(await lostState(container, parts));
  await releaseContainer(container, parts);
  if (container.record.hostConfig.AutoRemove) {
    await removeNow(container, { volumes: true }, parts);
    return false;
  }
  // A mere restart of the agent starts nothing that had ended before.
  return (rebooted || ran) && policyWantsStart(container);
}

/** Follows a shim that is still there. */
async function takeOver(container: Container, parts: ContainerParts): Promise<boolean> {
  if (container.state?.status === "exited") return false;
  const shim = new ShimClient(container.paths.socket);
  try {
    container.shim = shim;
    await watchContainer(container, shim, parts, () => startContainer(container, parts));
  } catch {
    container.shim = undefined;
    return false;
  }
  if (container.state?.status !== "created") return true;
  // The agent ended between creation and start: nobody waits for this process.
  await shim.stop(9, 0).catch(() => undefined);
  return false;
}

async function startAll(containers: Container[], parts: ContainerParts): Promise<void> {
  // Those that join another's namespaces come after the one that has them.
  const queue = [...containers].sort((a, b) => Number(joins(a)) - Number(joins(b)));
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await startContainer(next, parts).catch((error: Error) => {
        parts.report(`container ${next?.id}: not started: ${error.message}`);
      });
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, worker));
}

function joins(container: Container): boolean {
  const { NetworkMode, IpcMode, PidMode } = container.record.hostConfig;
  return [NetworkMode, IpcMode, PidMode].some((mode) => mode?.startsWith("container:"));
}
