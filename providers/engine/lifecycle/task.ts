// What a lifecycle gets to do one operation.

import type { Kind } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Operation } from "../../../resources/plan/operation.ts";
import type { Resolved } from "../../../resources/stack/resolve.ts";
import type { EngineClient } from "../engine.ts";
import type { LocalFiles } from "../project-files/scan.ts";
import type { Report } from "../report/report.ts";
import type { LocalBuilds } from "../targets/build-targets.ts";

export interface Task {
  project: string;
  operation: Operation;
  /** The declaration; absent for what is no longer declared. */
  resource: Resolved | undefined;
  /** What the host gets of the project's folder; absent when that is nothing. */
  files?: LocalFiles | undefined;
  engine: EngineClient;
  /** That of another host of the stack. */
  engineOf(host: string): EngineClient;
  /** What images are built from, as it is here. */
  builds: LocalBuilds;
  report: Report;
  /** Says that the container runs, before it is known to be well. */
  started(): void;
  /** Waits, and lets others of the host work meanwhile. */
  waits<T>(work: () => Promise<T>): Promise<T>;
  /** Says that the old container of a failed replacement runs again. */
  rolledBack(message: string): void;
  /** Removes anonymous volumes with their container. */
  removeVolumes: boolean;
  /** Seconds until what does not stop is killed; else each container's own. */
  stopSeconds?: number | undefined;
  /** A container that is made is not started. */
  leavesStopped?: boolean | undefined;
  signal: AbortSignal | undefined;
}

export type SpecOf<K extends Kind> = Extract<Resolved, { kind: K }>["spec"];

/** The spec of the task's resource, which a plan of this stack always has. */
export function specOf<K extends Kind>(task: Task, kind: K): SpecOf<K> {
  const { resource, operation } = task;
  if (resource?.kind === kind) return resource.spec as SpecOf<K>;
  throw new FairleadError("invalid", `${operation.id}: the stack does not declare it`, {
    hint: "Apply a plan with the stack it was made from.",
  });
}
