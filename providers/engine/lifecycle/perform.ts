// Which lifecycle does which operation, and which condition a gate asks for.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Gate } from "../../../resources/plan/operation.ts";
import type { EngineClient } from "../engine.ts";
import type { Report } from "../report/report.ts";
import { lifecycleOf } from "./registry.ts";
import type { Task } from "./task.ts";
import { untilCompleted, untilWell } from "./verify.ts";

/** Does one operation; what is returned waits until its object is well. */
export async function perform(task: Task): Promise<(() => Promise<void>) | undefined> {
  return lifecycleOf(task.operation.kind).change(task);
}

/** Returns when the gate's condition holds; throws when it never will. */
export async function holdGate(
  engine: EngineClient,
  container: string,
  gate: Gate,
  healthMs: number,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (gate.condition === "completed") await untilCompleted(engine, container, report, signal);
  else if (gate.condition === "healthy") {
    await requireHealthcheck(engine, container, signal);
    await untilWell(engine, container, { settleMs: 0, healthMs }, report, signal);
  }
}

async function requireHealthcheck(
  engine: EngineClient,
  container: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const seen = await engine.containers.inspect(container, signal);
  const status = seen.State?.Health?.Status;
  if (status !== undefined && status !== "none") return;
  throw new FairleadError("invalid", `${container} has no healthcheck, so it never gets healthy`, {
    hint: "Give it a healthcheck, or wait until it is started.",
  });
}
