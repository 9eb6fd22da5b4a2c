// Why a container is not well: exit code, last log lines, health output, gathered for the report.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { EngineClient } from "../engine.ts";
import { printable } from "../report/printable.ts";
import type { Evidence } from "../report/progress.ts";

const LOG_LINES = 20;
const LONGEST_LINE = 400;
const LONGEST_LOG = 256 * 1024;

/** Everything that is known of a container's failure; never fails itself. */
export async function gatherEvidence(
  engine: EngineClient,
  seen: ContainerInspectResponse,
): Promise<Evidence> {
  const { State: state } = seen;
  const evidence: Evidence = {};
  if (state && !state.Running && state.ExitCode !== undefined) evidence.exitCode = state.ExitCode;
  if (state?.OOMKilled) evidence.oomKilled = true;
  if (state?.Error) evidence.error = printable(state.Error);
  const probe = state?.Health?.Log?.at(-1);
  if (state?.Health?.Status && state.Health.Status !== "none") {
    evidence.health = {
      status: state.Health.Status,
      failingStreak: state.Health.FailingStreak ?? 0,
      output: printable(probe?.Output ?? "").trim(),
    };
  }
  const logLines = await lastLines(engine, seen).catch(() => []);
  if (logLines.length > 0) evidence.logLines = logLines;
  return evidence;
}

async function lastLines(engine: EngineClient, seen: ContainerInspectResponse): Promise<string[]> {
  const tty = seen.Config?.Tty === true;
  const options = { tail: LOG_LINES, tty, idleTimeoutMs: 10_000 };
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const { bytes } of await engine.containers.logs(seen.Id!, options)) {
    total += bytes.length;
    if (total <= LONGEST_LOG) chunks.push(bytes);
  }
  const lines = printable(Buffer.concat(chunks).toString("utf8")).trimEnd().split("\n");
  return lines
    .slice(-LOG_LINES)
    .flatMap((line) => (line === "" ? [] : [line.slice(0, LONGEST_LINE)]));
}
