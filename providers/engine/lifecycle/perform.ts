// Which lifecycle does which operation, and waits for which gate.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Waiting } from "./lifecycle.ts";
import { lifecycleOf } from "./registry.ts";
import type { Task } from "./task.ts";

/** Does one operation; what is returned waits until its object is well. */
export async function perform(task: Task): Promise<(() => Promise<void>) | undefined> {
  return lifecycleOf(task.operation.kind).change(task);
}

/** Returns when the gate's condition holds; throws when it never will. */
export async function holdGate(waiting: Waiting): Promise<void> {
  const { kind } = waiting.gate;
  const { hold } = lifecycleOf(kind);
  if (!hold) throw new FairleadError("unsupported", `nothing here can wait for a ${kind}`);
  await hold(waiting);
}
