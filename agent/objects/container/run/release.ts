// Gives back what a container used while it ran: network, root, volumes, files, shared memory.
import { rmSync } from "node:fs";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import { removeCgroups } from "../state/process.ts";
import { closeFiles } from "./files.ts";
import { closeMounts } from "./volumes.ts";

/** Ends a shim that is left and releases everything; what is already gone is fine. */
export async function releaseContainer(container: Container, parts: ContainerParts): Promise<void> {
  const { shim, id } = container;
  container.shim = undefined;
  container.update(container.state);
  if (shim) await shim.stop(9, 0).catch(() => undefined);
  await parts.network.close(id);
  await closeFiles(container, parts);
  await closeMounts(container, parts);
  if (container.record.hostConfig.IpcMode === "shareable") {
    await parts.mounts.unmount(container.paths.shm);
  }
  await parts.storage.unmount(id);
  rmSync(container.paths.socket, { force: true });
  // A shim that was killed has left these behind.
  rmSync(container.paths.runtimeRoot, { recursive: true, force: true });
  removeCgroups(container, parts);
}
