// Removes a container and everything that is only its own. A removal that is cut off is finished at
// the next start of the agent.
import { rm } from "node:fs/promises";
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { releaseContainer } from "./release.ts";

export interface RemoveOptions {
  /** Also its anonymous volumes. */
  volumes: boolean;
}

const SIGKILL = 9;
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
  if (!record.hostConfig.AutoRemove) await container.save();
  if (container.shim || parts.network.find(id)) await releaseContainer(container, parts);
  await parts.storage.remove(id);
  if (options.volumes) await removeVolumes(container, parts);
  await rm(paths.runFiles, { recursive: true, force: true });
  // Without its record the folder is rubbish, whatever else a crash leaves of it.
  await rm(paths.record, { force: true });
  await rm(paths.folder, { recursive: true, force: true });
  parts.containers.delete(container);
  publish(parts.events, container, "destroy");
  container.gone();
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
