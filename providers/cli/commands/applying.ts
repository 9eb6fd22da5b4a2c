// Shows a plan, asks where it takes something away, carries it out, and tells how it ended.

import type { Plan } from "../../../resources/plan/operation.ts";
import { printable } from "../../compose/document/printable.ts";
import { type ApplyResult, apply } from "../../engine/reconcile/reconcile.ts";
import type { ProgressEvent } from "../../engine/report/progress.ts";
import { Exit, errorValue } from "../screen/failure.ts";
import { planLines } from "../screen/plan-text.ts";
import { type ProgressKind, progressView } from "../screen/progress.ts";
import { seconds } from "../screen/progress-text.ts";
import { confirmed } from "../screen/question.ts";
import type { HostSession, Loaded } from "../session/host-session.ts";
import { secondsOf } from "../session/session.ts";
import { hasWork, withPull } from "./planning.ts";

export interface ApplyFlags {
  yes?: boolean;
  dryRun?: boolean;
  /** Seconds until a container is killed that does not stop. */
  timeout?: string;
  /** When images are fetched. */
  pull?: string;
  /** False with --no-start: containers are made and not started. */
  start?: boolean;
  progress?: ProgressKind;
  /** Of a command that goes on: with --json it prints no value of its own. */
  isPart?: boolean;
}

/** A dry run leaves even an agent that has ended as it is. */
export function connecting({ hosts }: HostSession, { dryRun }: { dryRun?: boolean }) {
  return { connect: dryRun === true ? hosts.connectReadOnly : hosts.connectOrStart };
}

/** Shows the plan, asks where it takes something away, and applies it. */
export async function carriedOut(
  session: HostSession,
  loaded: Loaded,
  made: Plan,
  flags: ApplyFlags,
): Promise<void> {
  const { screen } = session;
  const pending = flags.dryRun === true;
  if (!screen.json) {
    for (const line of planLines(made, screen.colors, pending, screen.width)) screen.line(line);
  }
  if (pending || !hasWork(made)) {
    if (screen.json && !flags.isPart) screen.value({ plan: made, result: nothingDone() });
    return;
  }
  if (isDestructive(made) && flags.yes !== true) {
    const question = "This replaces or removes containers. Go on?";
    if (!(await confirmed(screen, question, session.signal))) {
      screen.note("Nothing was changed.");
      throw new Exit(1);
    }
  }
  const startedAt = Date.now();
  const result = await applied(session, loaded, made, flags);
  const failed = result.cancelled || result.failed.length > 0;
  if (screen.json && (failed || !flags.isPart)) {
    screen.value({ plan: made, result: resultValue(result) });
  } else if (!screen.json) screen.line(resultLine(result, Date.now() - startedAt));
  if (result.cancelled) throw new Exit(130);
  if (result.failed.length > 0) throw new Exit(1);
}

async function applied(
  session: HostSession,
  loaded: Loaded,
  made: Plan,
  flags: ApplyFlags,
): Promise<ApplyResult> {
  const view = progressView(session.screen, serviceNames(loaded), flags.progress);
  session.onBootstrap = view.onBootstrap;
  session.isShown = session.screen.isLive;
  const told = new Set<string>();
  const progress = (event: ProgressEvent) => {
    if (event.type === "failed") told.add(event.operation.id);
    const isCutShort = event.type === "failed" && session.signal.aborted;
    view.onEvent(isCutShort ? { ...event, message: "interrupted" } : event);
  };
  try {
    const { hosts, signal } = session;
    const stopSeconds = secondsOf(flags.timeout, "--timeout");
    const result = await apply(withPull(loaded.stack, flags.pull), made, {
      ...{ connect: hosts.connectAndInstall, progress, signal },
      ...(stopSeconds !== undefined && { stopSeconds }),
      ...(flags.start === false && { leaveStopped: true as const }),
    });
    view.close();
    for (const { id, error } of result.failed) {
      if (told.has(id) || session.screen.json) continue;
      const mark = session.screen.errorColors.red("✘");
      session.screen.note(`${mark} ${printable(`${id}: ${error.message}`)}`);
    }
    return result;
  } finally {
    view.close();
    session.onBootstrap = () => {};
    session.isShown = false;
  }
}

/** The services of containers by their names in plans. */
function serviceNames({ replicas }: Loaded): (name: string) => string {
  const services = new Map(replicas.map(({ name, service }) => [name, service]));
  return (name) => services.get(name) ?? name;
}

function isDestructive(made: Plan): boolean {
  return made.operations.some(({ action }) => ["replace", "remove", "stop"].includes(action));
}

function nothingDone() {
  return { done: [], failed: [], notRun: [], cancelled: false };
}

function resultValue({ done, failed, notRun, cancelled }: ApplyResult) {
  const errors = failed.map(({ id, error }) => ({ id, error: errorValue(error) }));
  return { done, failed: errors, notRun, cancelled };
}

function resultLine({ done, failed, notRun, cancelled }: ApplyResult, elapsedMs: number): string {
  const time = seconds(elapsedMs);
  if (failed.length === 0 && notRun.length === 0) return `Done: ${done.length} steps in ${time}.`;
  const parts = [
    `${done.length} steps done`,
    `${failed.length} failed`,
    `${notRun.length} not run`,
  ];
  const end = cancelled ? "Interrupted" : "Failed";
  return `${end} after ${time}: ${parts.join(", ")}. Run the command again to go on.`;
}
