// Whether and when a container comes back that ended without its shim seeing to it: at the start of
// a host, or because the shim was killed. The rules are dockerd's; the back-off is the shim's own
// (agent/native/src/shim/supervisor/restart.cc).
import { unixNano } from "../../time.ts";
import type { Container } from "../state/container.ts";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
const STABLE_MS = 10_000;

/** Whether the restart policy wants the container to run. */
export function policyWantsStart({ record, state, losses }: Container): boolean {
  const { Name, MaximumRetryCount = 0 } = record.hostConfig.RestartPolicy ?? {};
  const { stopRequested = false, exitCode = 0, restartCount = 0 } = state ?? {};
  switch (Name) {
    case "always":
      return true;
    case "unless-stopped":
      return !stopRequested;
    case "on-failure":
      return (
        !stopRequested &&
        exitCode !== 0 &&
        (MaximumRetryCount === 0 || restartCount + losses.count < MaximumRetryCount)
      );
    default:
      return false;
  }
}

/**
 * How long to wait until a container whose shim was lost is started again; undefined when its
 * policy does not want that. Each loss counts as a restart, and waits twice as long as the last.
 */
export function delayAfterLoss(container: Container): number | undefined {
  const { losses, state } = container;
  if (!policyWantsStart(container)) return undefined;
  const ranMs = state ? Number(unixNano(state.finishedAt) - unixNano(state.startedAt)) / 1e6 : 0;
  const before = ranMs >= STABLE_MS ? 0 : losses.delayMs;
  const delayMs = before === 0 ? FIRST_DELAY_MS : Math.min(before * 2, LONGEST_DELAY_MS);
  container.losses = { count: ranMs >= STABLE_MS ? 1 : losses.count + 1, delayMs };
  return delayMs;
}
