// plan and apply: the two verbs of fairlead, for the command and for programs.
import { FairleadError } from "../../resources/errors.ts";
import type { Plan } from "../../resources/operation.ts";
import type { Stack, StackInput } from "../../resources/stack.ts";
import type { Connect } from "./engine.ts";
import type { Progress } from "./progress.ts";

export interface PlanOptions {
  /** How a host's engine is reached. */
  connect: Connect;
  /** `down` removes what the project has; volumes stay unless asked. Default `up`. */
  direction?: "up" | "down";
  /** With `down`: removes volumes and their data too. */
  volumes?: boolean;
  /** Removes what the project owns and no longer declares. */
  removeOrphans?: boolean;
  /** Replaces containers even when nothing differs. */
  recreate?: boolean;
  /** Only these containers and what they need, by resource name. */
  only?: string[];
  /** Only these hosts, by name. */
  hosts?: string[];
  signal?: AbortSignal;
}

export interface ApplyOptions {
  connect: Connect;
  /** Called for every event, in order. */
  progress?: Progress;
  /** Operations at once on one host; 4 by default. */
  concurrency?: number;
  /** Ends after the running requests; what is half done is finished or rolled back. */
  signal?: AbortSignal;
}

export interface ApplyResult {
  /** Ids of operations that did their work. */
  done: string[];
  /** Ids of operations that failed, with the error. */
  failed: { id: string; error: FairleadError }[];
  /** Ids of operations that did not run because another one failed or the run was cancelled. */
  notRun: string[];
  cancelled: boolean;
}

/** What must be done so that the hosts are as declared; changes nothing. */
export async function plan(_stack: Stack | StackInput, _options: PlanOptions): Promise<Plan> {
  throw new FairleadError("unavailable", "planning lands with the next commit of this branch");
}

/** Executes a plan; a failed operation is in the result and stops what depends on it. */
export async function apply(
  _stack: Stack | StackInput,
  _plan: Plan,
  _options: ApplyOptions,
): Promise<ApplyResult> {
  throw new FairleadError("unavailable", "applying lands with the next commit of this branch");
}
