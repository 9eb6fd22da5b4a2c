// Which lifecycle does the operations of which kind. One more kind is a file here and a line.
import { FairleadError } from "../../../resources/model/errors.ts";
import {
  bringUp,
  createContainer,
  noteFiles,
  removeContainer,
  signalContainer,
  startContainer,
  updateContainer,
  verifyContainer,
} from "./container.ts";
import { changeNetwork } from "./network.ts";
import { replaceContainer } from "./replace.ts";
import { changeImage, changeVolume } from "./storage.ts";
import type { Task } from "./task.ts";

/** Does one operation; what is returned waits until the object is well. */
export type Lifecycle = (task: Task) => Promise<(() => Promise<void>) | undefined>;

const lifecycles = new Map<string, Lifecycle>([
  ["container", changeContainer],
  ["image", quiet(changeImage)],
  ["network", quiet(changeNetwork)],
  ["volume", quiet(changeVolume)],
  ["files", quiet(changeFiles)],
]);

/** The lifecycle of a kind; throws `unsupported` when nothing here can change one. */
export function lifecycleOf(kind: string): Lifecycle {
  const found = lifecycles.get(kind);
  if (found) return found;
  throw new FairleadError("unsupported", `nothing here can change a ${kind}`);
}

/** Adds the lifecycle of a kind from outside; what is returned takes it away again. */
export function registerLifecycle(kind: string, lifecycle: Lifecycle): () => void {
  if (lifecycles.has(kind)) throw new Error(`there is a lifecycle of ${kind} already`);
  lifecycles.set(kind, lifecycle);
  return () => lifecycles.delete(kind);
}

// What is done when the work is done: there is nothing to wait for.
function quiet(change: (task: Task) => Promise<void>): Lifecycle {
  return async (task) => {
    await change(task);
    return undefined;
  };
}

async function changeFiles(task: Task): Promise<void> {
  const { engine, project, files, report, signal, operation } = task;
  if (operation.action === "remove") await engine.projectFiles.remove(project, signal);
  else await engine.projectFiles.deliver(project, files, report, signal);
}

async function changeContainer(task: Task): ReturnType<Lifecycle> {
  const { action, id, objectId } = task.operation;
  switch (action) {
    case "create":
      if (task.leavesStopped !== true) return bringUp(task);
      await createContainer(task);
      return undefined;
    case "start":
      return startContainer(task, objectId!);
    case "restart": {
      const untilWell = await startContainer(task, objectId!);
      await noteFiles(task);
      return untilWell;
    }
    case "signal":
      await signalContainer(task);
      await noteFiles(task);
      return undefined;
    case "verify":
      return verifyContainer(task, objectId!);
    case "replace":
      await replaceContainer(task);
      return undefined;
    case "update":
    case "adopt":
      await updateContainer(task);
      return undefined;
    case "remove":
      await removeContainer(task, objectId!);
      return undefined;
    default:
      throw new FairleadError("invalid", `${id}: a container has no such operation`);
  }
}
