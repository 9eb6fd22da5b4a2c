// Tries again what time may cure, with growing, jittered pauses, within a deadline. Never repeats a
// refused login or a wrong host key: that only locks accounts and hides attacks.
import { setTimeout as sleep } from "node:timers/promises";
import { Deadline, unlessAborted } from "../deadline.ts";
import { type OnWait, Waiting } from "../waiting.ts";
import { ConnectionError } from "./connection-error.ts";

export interface RetryPolicy {
  /** Failures before giving up; -1 for no limit but the deadline. */
  readonly errorLimit: number;
  /** Milliseconds for one attempt. */
  readonly attemptTimeoutMs: number;
  /** Milliseconds for everything. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told which attempt is made, once it takes longer than a second. */
  readonly onWait?: OnWait | undefined;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** Runs `attempt` until it succeeds, fails for good, or the policy ends it. */
export async function withRetry<T>(
  name: string,
  policy: RetryPolicy,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = policy.errorLimit < 0 ? Number.POSITIVE_INFINITY : Math.max(1, policy.errorLimit);
  const whole = new Deadline(policy.deadlineMs, () => noAnswer(name), [policy.signal]);
  const waiting = new Waiting(attemptOf(name, 1, limit), policy.onWait);
  let last: ConnectionError | undefined;
  try {
    for (let failures = 0; failures < limit; ) {
      if (whole.signal.aborted) break;
      const one = new Deadline(policy.attemptTimeoutMs, () => noAnswer(name), [whole.signal]);
      try {
        return await unlessAborted(one.signal, attempt(one.signal));
      } catch (error) {
        policy.signal?.throwIfAborted();
        if (!(error instanceof ConnectionError)) throw error;
        last = error;
        if (!last.retry) throw last;
        failures += 1;
        waiting.becomes(attemptOf(name, failures + 1, limit, last));
        if (failures < limit) await pause(failures, whole.signal);
      } finally {
        one.end();
      }
    }
  } finally {
    whole.end();
    waiting.end();
  }
  policy.signal?.throwIfAborted();
  throw last ?? noAnswer(name);
}

function attemptOf(name: string, number: number, limit: number, last?: ConnectionError): string {
  const of = Number.isFinite(limit) ? ` of ${limit}` : "";
  const why = last === undefined ? "" : ` (before: ${last.message.replace(`${name}: `, "")})`;
  return `trying ${name}, attempt ${Math.min(number, limit)}${of}${why}`;
}

function noAnswer(name: string): ConnectionError {
  return new ConnectionError("unreachable", `${name}: no answer in time`, {
    path: name,
    hint: "check the address, the port and the firewall",
    retry: true,
  });
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  const pauseMs = longest * (0.5 + Math.random() / 2);
  await sleep(pauseMs, undefined, { signal }).catch(() => {});
}
