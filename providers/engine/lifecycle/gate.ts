// Waits until a container is what another one needs of it.
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Waiting } from "./lifecycle.ts";
import { untilCompleted, untilWell } from "./verify.ts";

/** Returns when the gate's condition holds; one that is `started` was started before this. */
export async function holdForContainer(waiting: Waiting): Promise<void> {
  const { gate, target, engine, report, signal } = waiting;
  if (gate.condition === "completed") {
    await untilCompleted(engine, target.object, report, signal);
  } else if (gate.condition === "healthy") {
    const { healthTimeout: healthMs = 300_000 } = target.spec as Partial<ContainerSpec>;
    await requireHealthcheck(waiting);
    const timeouts = { settleMs: 0, healthMs, mustRun: true };
    await untilWell(engine, target.object, timeouts, report, signal);
  }
}

async function requireHealthcheck({ engine, target, signal }: Waiting): Promise<void> {
  const seen = await engine.containers.inspect(target.object, signal);
  const status = seen.State?.Health?.Status;
  if (status !== undefined && status !== "none") return;
  const message = `${target.object} has no healthcheck, so it never gets healthy`;
  throw new FairleadError("invalid", message, {
    hint: "Give it a healthcheck, or wait until it is started.",
  });
}
