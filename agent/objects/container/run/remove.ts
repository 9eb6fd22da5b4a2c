// Removes a container and everything that is only its own. A removal that is cut off is finished at
// the next start of the agent.
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { isDiskFull } from "../../../state/disk-full.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { updateLinking } from "./links.ts";
import { releaseContainer } from "./release.ts";

export interface RemoveOptions {
  /** Also its anonymous volumes. */
  volumes: boolean;
}

/** Begins the name of a folder that is being deleted. */
export const DISCARDED = ".removed-";

const SIGKILL = 9;
/** How long the last lines may take to a receiver that takes them. */
const LAST_LINES_MS = 5000;
/** How long the news of a death may take from the shim. */
const EXIT_MS = 10_000;

/** Removes a container that does not run; `force` kills a running one first. */
export async function removeContainer(
  container: Container,
  options: RemoveOptions & { force: boolean },
  parts: ContainerParts,
): Promise<void> {
  if (container.running) {
    if (!options.force) throw refusal(container);
    publish(parts.events, container, "kill", { signal: "9" });
    await container.shim?.stop(SIGKILL, 0).catch(() => undefined);
    await container.wait("not-running", AbortSignal.timeout(EXIT_MS)).catch(() => undefined);
  }
  await container.exclusive(async () => {
    if (container.removed) return;
    if (container.running && !options.force) throw refusal(container);
    await removeNow(container, options, parts);
  });
}

/** The same for a caller that has the container's turn and knows that it does not run. */
export async function removeNow(
  container: Container,
  options: RemoveOptions,
  parts: ContainerParts,
): Promise<void> {
  const { id, record, paths } = container;
  record.removing = true;
  // One with --rm is removed at the agent's next start anyway, so that need not be on disk first.
  if (!record.hostConfig.AutoRemove && !container.unreadable) await saveIfRoom(container);
  if (container.shim || parts.network.find(id)) await releaseContainer(container, parts);
  await parts.logs.end(id, LAST_LINES_MS);
  await parts.storage.remove(id);
  if (options.volumes) await removeVolumes(container, parts);
  await rm(paths.runFiles, { recursive: true, force: true });
  // In one step: a folder without its record would be taken for one whose record was lost.
  const discarded = join(dirname(paths.folder), `${DISCARDED}${id}`);
  await rename(paths.folder, discarded).catch(ignoreMissing);
  await rm(discarded, { recursive: true, force: true });
  parts.containers.delete(container);
  await updateLinking(container, parts);
  publish(parts.events, container, "destroy");
  container.gone();
}

/** Where a full disk leaves no room for the note, the removal itself makes some. */
async function saveIfRoom(container: Container): Promise<void> {
  await container.save().catch((error: unknown) => {
    if (!isDiskFull(error)) throw error;
  });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function removeVolumes(container: Container, parts: ContainerParts): Promise<void> {
  for (const { type, name, anonymous } of container.record.mounts) {
    if (type !== "volume" || !anonymous) continue;
    const shared = parts.containers
      .all()
      .some((other) => other !== container && other.record.mounts.some((m) => m.name === name));
    if (shared) continue;
    await parts.volumes.remove(name).catch((error: unknown) => {
      if (!(error instanceof FairleadError && error.code === "not_found")) {
        parts.report(`volume ${name}: ${(error as Error).message}`);
      }
    });
  }
}

function refusal(container: Container): FairleadError {
  const { id, status, record } = container;
  return new FairleadError(
    "conflict",
    `cannot remove container "/${record.name}": container is ${status}: stop the container ` +
      `before removing or force remove (${id.slice(0, 12)})`,
  );
}
