// What a kind must be able to do on a host.
import type { Gate } from "../../../resources/plan/operation.ts";
import type { Placed } from "../../../resources/plan/resource.ts";
import type { EngineClient } from "../engine.ts";
import type { Report } from "../report/report.ts";
import type { Task } from "./task.ts";

/** One object waits for another one of the stack, its target, which may be on another host. */
export interface Waiting {
  gate: Gate;
  target: Placed;
  /** The target's. */
  engine: EngineClient;
  report: Report;
  signal: AbortSignal | undefined;
}

export interface Lifecycle {
  /** Does one operation; what is returned waits until the object is well. */
  change(task: Task): Promise<(() => Promise<void>) | undefined>;
  /** Returns when a gate's condition holds, throws when it never will; for kinds that run. */
  hold?(waiting: Waiting): Promise<void>;
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
