// Tells an error: what, where, what the host shows of it, and what to run next.
import { FairleadError } from "../../../resources/model/errors.ts";
import { printable, printableLine } from "../../compose/document/printable.ts";
import { ComposeError } from "../../compose/document/problem.ts";
import type { Evidence } from "../../engine/report/progress.ts";
import type { Screen } from "./screen.ts";

/** The command ended with a code of its own; everything to say was said. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Prints an error for a person, or as JSON, and gives the exit code. */
export function tellFailure(screen: Screen, error: unknown, isAborted: boolean): number {
  if (error instanceof Exit) return error.code;
  if (isAborted) {
    screen.note("Interrupted. Run the same command again to go on.");
    return 130;
  }
  if (screen.json) {
    screen.errorValue({ error: errorValue(error) });
    return 1;
  }
  const mark = screen.errorColors.red("error:");
  if (error instanceof ComposeError) {
    const count = error.problems.length;
    const what = count === 1 ? "one problem" : `${count} problems`;
    screen.note(`${error.message}\n${mark} ${what} in the Compose files`);
  } else if (error instanceof FairleadError) {
    const { message, path } = error;
    const where = path === undefined || message.includes(path) ? "" : ` (${path})`;
    screen.note(`${mark} ${printable(message + where)}`);
    if (error.hint !== undefined) screen.note(`  ${printable(error.hint)}`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    screen.note(`${mark} ${printable(text)}\nThis is a bug in fairlead; please report it.`);
  }
  return 1;
}

/** The same as a plain value. */
export function errorValue(error: unknown): object {
  if (!(error instanceof FairleadError)) {
    return { code: "internal", message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, path, hint } = error;
  const problems = error instanceof ComposeError ? { problems: error.problems } : {};
  return { code, message, ...(path && { path }), ...(hint && { hint }), ...problems };
}

/** What the host shows of a failure, as indented lines. */
export function evidenceLines(evidence: Evidence): string[] {
  const lines: string[] = [];
  if (evidence.error) lines.push(`engine: ${printableLine(evidence.error)}`);
  if (evidence.exitCode !== undefined) {
    const killed = evidence.oomKilled ? ", killed for want of memory" : "";
    lines.push(`exit code: ${evidence.exitCode}${killed}`);
  }
  if (evidence.health !== undefined) {
    const { status, failingStreak, output } = evidence.health;
    lines.push(`health: ${status}, ${failingStreak} failures in a row`);
    for (const line of output.trim().split("\n").filter(Boolean)) {
      lines.push(`  | ${printableLine(line)}`);
    }
  }
  const log = evidence.logLines ?? [];
  if (log.length > 0) lines.push("last log lines:");
  for (const line of log) lines.push(`  | ${printableLine(line.replace(/\n$/, ""))}`);
  return lines;
}
