// Tries again what time may cure, with growing, jittered pauses, within a deadline. Never repeats a
// refused login or a wrong host key: that only locks accounts and hides attacks.
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "./connection-error.ts";

export interface RetryPolicy {
  /** Failures before giving up; -1 for no limit but the deadline. */
  readonly errorLimit: number;
  /** Milliseconds for one attempt. */
  readonly attemptTimeoutMs: number;
  /** Milliseconds for everything. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** Runs `attempt` until it succeeds, fails for good, or the policy ends it. */
export async function withRetry<T>(
  name: string,
  policy: RetryPolicy,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(policy.deadlineMs);
  const outer = AbortSignal.any([deadline, ...(policy.signal ? [policy.signal] : [])]);
  const limit = policy.errorLimit < 0 ? Number.POSITIVE_INFINITY : Math.max(1, policy.errorLimit);
  let last: ConnectionError | undefined;
  for (let failures = 0; failures < limit; ) {
    if (outer.aborted) break;
    const timeout = AbortSignal.timeout(policy.attemptTimeoutMs);
    try {
      return await attempt(AbortSignal.any([outer, timeout]));
    } catch (error) {
      policy.signal?.throwIfAborted();
      last = asConnectionError(error, name, timeout);
      if (!last.retry) throw last;
      failures += 1;
      if (failures < limit) await pause(failures, outer);
    }
  }
  policy.signal?.throwIfAborted();
  throw last ?? new ConnectionError("unreachable", `${name}: no answer in time`, { path: name });
}

function asConnectionError(error: unknown, name: string, timeout: AbortSignal): ConnectionError {
  if (error instanceof ConnectionError) return error;
  if (timeout.aborted || (error as Error)?.name === "TimeoutError") {
    return new ConnectionError("unreachable", `${name}: no answer in time`, {
      path: name,
      hint: "check the address, the port and the firewall",
      retry: true,
    });
  }
  throw error;
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  const pauseMs = longest * (0.5 + Math.random() / 2);
  await sleep(pauseMs, undefined, { signal }).catch(() => {});
}
