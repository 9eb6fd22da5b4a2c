// Replaces a container safely: the old one is kept aside until the new one is well, and runs again
// when it is not.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { Mount } from "../../../resources/kinds/container/mount.ts";
import {
  createContainer,
  madeMeanwhile,
  namelessVolumes,
  removeContainer,
  startContainer,
  stopContainer,
} from "./container.ts";
import { runHooks } from "./hooks.ts";
import { asideName, checkNotAside } from "./meanwhile.ts";
import { specOf, type Task } from "./task.ts";

/** Makes the container anew; throws after the old one is back in place. */
export async function replaceContainer(task: Task): Promise<void> {
  const { engine, operation, signal } = task;
  const old = await engine.containers.inspect(operation.objectId!, signal);
  checkNotAside(task, old);
  const wasRunning = old.State?.Running === true;
  const graceMs = (old.Config?.StopTimeout ?? 10) * 1000;
  await rename(task, old.Id!, asideName(operation.object, old.Id!));
  let made: string | undefined;
  let stopped = false;
  try {
    // The engine checks the new one before the old one is touched.
    made = await createContainer(task, anonymousVolumes(task, old));
    if (operation.order?.first !== "start" && wasRunning) {
      await runHooks(task, old.Id!, "preStop");
      stopped = true;
      await stopContainer(task, old.Id!, graceMs);
    }
    signal?.throwIfAborted();
    const untilWell = await startContainer(task, made);
    await task.waits(untilWell);
  } catch (error) {
    await rollBack(task, old, made, stopped);
    throw error;
  }
  await removeContainer({ ...task, removeVolumes: false }, old.Id!);
}

// Nothing of this may be cut short: it runs without the signal, and tells what it could not do.
async function rollBack(
  cancelled: Task,
  old: ContainerInspectResponse,
  made: string | undefined,
  stopped: boolean,
): Promise<void> {
  // Without their declaration no hooks are run in what is taken back.
  const task = { ...cancelled, resource: undefined, signal: undefined, removeVolumes: false };
  const name = (old.Name ?? "").replace(/^\//, "");
  try {
    const id = made ?? (await madeMeanwhile(task));
    if (id !== undefined) await removeContainer(task, id);
    await rename(task, old.Id!, name);
    if (stopped) {
      // A cancelled stop goes on in the engine; a start before its end would find it running.
      await stopContainer(task, old.Id!, (old.Config?.StopTimeout ?? 10) * 1000);
      await task.engine.containers.start(old.Id!);
    }
    task.rolledBack(`${name} is back as it was`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.rolledBack(`${name} could not be brought back: ${reason}`);
  }
}

async function rename({ engine }: Task, id: string, name: string): Promise<void> {
  await engine.containers.rename(id, name);
}

// Volumes without a name hold data, too: the new container gets those of the old one.
function anonymousVolumes(task: Task, old: ContainerInspectResponse): Mount[] {
  const named = specOf(task, "container").mounts?.filter(
    (mount) => mount.type !== "volume" || mount.source !== undefined,
  );
  const declared = new Set(named?.map(({ target }) => target));
  return namelessVolumes(old)
    .filter(({ target }) => !declared.has(target))
    .map(({ name, target }) => ({ type: "volume", source: name, target }));
}
