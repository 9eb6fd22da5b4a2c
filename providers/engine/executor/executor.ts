// Runs a plan: every operation when what it needs is done, so many at once on each host. A failure
// stops what depends on it and nothing else; a run after it goes on where this one ended.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Gate, Operation, Plan } from "../../../resources/plan/operation.ts";
import { Slots } from "../concurrency/bounded.ts";
import type { EngineClient } from "../engine.ts";
import { FailureWithEvidence } from "../report/evident-failure.ts";
import type { Progress } from "../report/progress.ts";
import { Milestones } from "./milestones.ts";

export interface Execution {
  plan: Plan;
  engines: ReadonlyMap<string, EngineClient>;
  /** Does one operation. What is left to wait for at its end, without its turn, is returned. */
  perform(operation: Operation, turn: Turn): Promise<Waiting | undefined>;
  /** Returns when the condition holds of a container; throws when it never will. */
  hold(gate: Gate, operation: Operation): Promise<void>;
  progress: Progress;
  concurrency: number;
  signal: AbortSignal | undefined;
}

export type Waiting = () => Promise<void>;

/** What an operation has while it is one of those that a host does at once. */
export interface Turn {
  /** Says that a container runs. */
  started(): void;
  /** Waits, and lets another operation have the turn meanwhile. */
  waits<T>(work: () => Promise<T>): Promise<T>;
}

export interface Outcome {
  done: string[];
  failed: { id: string; error: FairleadError }[];
  notRun: string[];
}

/** Runs every operation that can run; never throws for one that fails. */
export async function execute(execution: Execution): Promise<Outcome> {
  const { plan, concurrency } = execution;
  const run: Run = {
    ...execution,
    milestones: new Milestones(plan.operations),
    slots: new Map(plan.hosts.map(({ name }) => [name, new Slots(concurrency)])),
    outcome: { done: [], failed: [], notRun: [] },
  };
  await Promise.all(plan.operations.map((operation) => runOne(run, operation)));
  return run.outcome;
}

interface Run extends Execution {
  milestones: Milestones;
  slots: ReadonlyMap<string, Slots>;
  outcome: Outcome;
}

async function runOne(run: Run, operation: Operation): Promise<void> {
  const ready = await prepared(run, operation);
  if (ready instanceof FairleadError) fail(run, operation, ready);
  else if (!ready || stopped(run)) leave(run, operation);
  else {
    const begin = Date.now();
    const slots = run.slots.get(operation.host) ?? new Slots(1);
    try {
      const waiting = await slots.during(() => performed(run, operation, slots));
      if (waiting === "left") return;
      await waiting?.();
      run.outcome.done.push(operation.id);
      run.progress({ type: "finished", operation, elapsedMs: Date.now() - begin });
      run.milestones.finish(operation.id);
    } catch (error) {
      fail(run, operation, asError(error));
    }
  }
}

// True when it may run, false when something before it did not, the error when a gate refused it.
async function prepared(run: Run, operation: Operation): Promise<boolean | FairleadError> {
  const { milestones } = run;
  const needed = await Promise.all(operation.dependsOn.map((id) => milestones.done(id)));
  await Promise.all(operation.after.map((id) => milestones.done(id)));
  if (needed.includes(false)) return false;
  for (const gate of operation.waitsFor) {
    const reached = await milestones.reached(gate);
    if (!reached && gate.required) return false;
    if (!reached) continue;
    if (stopped(run)) return false;
    try {
      await run.hold(gate, operation);
    } catch (error) {
      if (run.signal?.aborted) return false;
      if (gate.required) return asError(error);
    }
  }
  return true;
}

async function performed(
  run: Run,
  operation: Operation,
  slots: Slots,
): Promise<Waiting | undefined | "left"> {
  // While it waited for its turn the run may have been interrupted.
  if (stopped(run)) {
    leave(run, operation);
    return "left";
  }
  run.progress({ type: "started", operation });
  return run.perform(operation, {
    started: () => run.milestones.start(operation.id),
    waits: (work) => slots.lent(work),
  });
}

function stopped(run: Run): boolean {
  return run.signal?.aborted === true;
}

function leave({ milestones, outcome }: Run, operation: Operation): void {
  milestones.fail(operation.id);
  outcome.notRun.push(operation.id);
}

function fail(run: Run, operation: Operation, error: FairleadError): void {
  run.milestones.fail(operation.id);
  run.outcome.failed.push({ id: operation.id, error });
  run.progress({
    ...{ type: "failed", operation, code: error.code, message: error.message },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error instanceof FailureWithEvidence ? { evidence: error.evidence } : {}),
  });
}

function asError(error: unknown): FairleadError {
  if (error instanceof FairleadError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FairleadError("internal", message, { cause: error });
}
