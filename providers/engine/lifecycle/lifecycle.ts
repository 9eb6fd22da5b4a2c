// What a kind must be able to do on a host.
import type { EngineClient } from "../engine.ts";
import type { Task } from "./task.ts";

export interface Lifecycle {
  /** Does one operation; what is returned waits until the object is well. */
  change(task: Task): Promise<(() => Promise<void>) | undefined>;
  /** Sees one by its id on the host; for kinds that have one. */
  inspect?(engine: EngineClient, id: string, signal?: AbortSignal): Promise<unknown>;
  /** Sees those of the project and those of names; for kinds that no engine shows. */
  observe?(
    engine: EngineClient,
    question: { project: string; names: readonly string[] },
    signal?: AbortSignal,
  ): Promise<readonly unknown[]>;
}

/** What is done when the work is done: there is nothing to wait for. */
export function withoutWait(change: (task: Task) => Promise<void>): Lifecycle["change"] {
  return async (task) => {
    await change(task);
    return undefined;
  };
}
