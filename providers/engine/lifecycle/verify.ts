// Is a container well? Waits until it is healthy, or has run for a moment; fails at once, with
// evidence, when it exited, restarts in a loop, or is unhealthy.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { FairleadError } from "../../../resources/model/errors.ts";
import { formatDuration } from "../../../resources/model/units.ts";
import { growingPauses, pause } from "../concurrency/pause.ts";
import type { EngineClient } from "../engine.ts";
import { FailureWithEvidence } from "../report/evident-failure.ts";
import type { Report } from "../report/report.ts";
import { gatherEvidence } from "./evidence.ts";

export interface HealthTimeouts {
  /** How long a container without healthcheck must run. */
  settleMs: number;
  /** How long one with a healthcheck may take. */
  healthMs: number;
  /** Somebody needs it: an end is a failure, with exit code 0 too. */
  mustRun?: boolean;
}

/** One that was restarted before must keep running as long as a shim takes to call it well. */
const RESTARTED_SETTLE_MS = 10_000;

const COMPLETION_MS = 24 * 3_600_000;

type Verdict = { well: true } | { well: false; waiting: string } | { well: false; failed: string };

/** Returns when the container is well; throws `FailureWithEvidence` when it will not be. */
export async function untilWell(
  engine: EngineClient,
  container: string,
  timeouts: HealthTimeouts,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const begin = Date.now();
  // What it went through before counts for no more than a closer look: it may have got over it.
  let before: number | undefined;
  const judge = (seen: ContainerInspectResponse): Verdict => {
    before ??= seen.RestartCount ?? 0;
    const trouble = troubleOf(seen, before);
    if (trouble !== undefined) return { well: false, failed: trouble };
    if (!seen.State?.Running) {
      if (!timeouts.mustRun) return { well: true };
      return { well: false, failed: `ended with exit code ${seen.State?.ExitCode}` };
    }
    const health = seen.State.Health?.Status;
    if (health === "healthy") return { well: true };
    const elapsed = Date.now() - begin;
    if (health === undefined || health === "none") {
      const settleMs = Math.max(timeouts.settleMs, before > 1 ? RESTARTED_SETTLE_MS : 0);
      return elapsed >= settleMs ? { well: true } : { well: false, waiting: "settling" };
    }
    if (elapsed < timeouts.healthMs) return { well: false, waiting: `is ${health}` };
    return {
      well: false,
      failed: `did not become healthy in ${formatDuration(timeouts.healthMs)}`,
    };
  };
  const longest = Math.max(timeouts.settleMs / 4, 50);
  await poll(engine, container, judge, Math.min(longest, 1000), report, signal);
}

/** Returns when the container has ended with exit code 0. */
export async function untilCompleted(
  engine: EngineClient,
  container: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const begin = Date.now();
  const judge = (seen: ContainerInspectResponse): Verdict => {
    const state = seen.State;
    if (state?.Running || state?.Restarting) {
      if (Date.now() - begin < COMPLETION_MS) return { well: false, waiting: "runs" };
      return { well: false, failed: "did not end in a day" };
    }
    if (state?.Status === "created") return { well: false, failed: "was never started" };
    if (state?.ExitCode === 0) return { well: true };
    return { well: false, failed: `ended with exit code ${state?.ExitCode}` };
  };
  await poll(engine, container, judge, 1000, report, signal);
}

async function poll(
  engine: EngineClient,
  container: string,
  judge: (seen: ContainerInspectResponse) => Verdict,
  longestPauseMs: number,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pauses = growingPauses(50, longestPauseMs);
  for (;;) {
    const seen = await engine.containers.inspect(container, signal);
    const verdict = judge(seen);
    if (verdict.well) return;
    if ("failed" in verdict) throw await failure(engine, seen, verdict.failed);
    report("health", verdict.waiting);
    await pause(pauses.next().value, signal);
  }
}

// What will not get better by waiting. An end with exit code 0 is no trouble: it had nothing to do.
// The end comes first: an engine calls the probes of a container that has ended unhealthy.
function troubleOf(seen: ContainerInspectResponse, before: number) {
  const { State: state, RestartCount = 0, HostConfig } = seen;
  if (state?.Restarting || RestartCount - before > 1 || (before > 1 && RestartCount > before)) {
    return `restarts again and again, last with exit code ${state?.ExitCode}`;
  }
  if (state?.Running) {
    return state.Health?.Status === "unhealthy" ? "is unhealthy" : undefined;
  }
  if (state?.OOMKilled) return "was killed because its memory ran out";
  const policy = HostConfig?.RestartPolicy?.Name;
  const mayEnd = policy === "no" || policy === "on-failure" || !policy;
  if (state?.ExitCode === 0 && mayEnd && state.Status === "exited") return undefined;
  return `ended with exit code ${state?.ExitCode}`;
}

async function failure(
  engine: EngineClient,
  seen: ContainerInspectResponse,
  what: string,
): Promise<FairleadError> {
  const name = (seen.Name ?? "").replace(/^\//, "");
  const evidence = await gatherEvidence(engine, seen);
  const hint = `See its log: docker logs ${name}`;
  return new FailureWithEvidence(`${engine.host}: the container ${name} ${what}`, evidence, hint);
}
