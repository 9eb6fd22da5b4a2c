// Which operation on a container does what. Its parts are in container.ts and replace.ts.
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
import { holdForContainer } from "./gate.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { explained } from "./meanwhile.ts";
import { replaceContainer } from "./replace.ts";
import type { Task } from "./task.ts";

export const containerLifecycle: Lifecycle = {
  change: (task) =>
    changeContainer(task).catch(async (error) => {
      throw await explained(task, error);
    }),
  hold: holdForContainer,
  inspect: (engine, id, signal) => engine.containers.inspect(id, signal),
};

async function changeContainer(task: Task): ReturnType<Lifecycle["change"]> {
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
