// Asks the restart policy about a container that ended without its shim seeing to it: at the start
// of a host, or because the shim was killed.
import type { Restarts } from "../../../runtime/restart.ts";
import { restartOf } from "../../../runtime/spec-shim.ts";
import { unixNano } from "../../time.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";

/** Longer than any that the policy tells from another. */
const LONG_MS = 3_600_000;

/** The restart that the policy wants; counted anew when the host has booted, as dockerd does. */
export async function restartAfter(
  container: Container,
  parts: Pick<ContainerParts, "nextRestart">,
  booted = false,
): Promise<Restarts | undefined> {
  const { state, record } = container;
  if (!state || container.removed) return undefined;
  const { exitCode, stopRequested, restartCount, restartDelayMs = 0 } = state;
  const ranMs = Number(unixNano(state.finishedAt) - unixNano(state.startedAt)) / 1e6;
  return parts.nextRestart(
    restartOf(record.hostConfig),
    booted ? { count: 0, delayMs: 0 } : { count: restartCount, delayMs: restartDelayMs },
    { exitCode, ranMs: Math.min(Math.max(Math.floor(ranMs), 0), LONG_MS), stopRequested },
  );
}
