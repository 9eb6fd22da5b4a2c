// fairlead up and fairlead down: make the plan, show it, and carry it out.

import { FairleadError } from "../../../resources/model/errors.ts";
import type { Plan } from "../../../resources/plan/operation.ts";
import { resourcesOf } from "../../../resources/stack/stack.ts";
import { printable } from "../../compose/document/printable.ts";
import type { ProgressEvent } from "../../engine/progress.ts";
import { type ApplyResult, apply } from "../../engine/reconcile.ts";
import { ELSEWHERE } from "../elsewhere.ts";
import { Exit, errorValue } from "../failure.ts";
import type { HostSession, Loaded } from "../host-session.ts";
import { planLines } from "../plan-text.ts";
import { progressView } from "../progress.ts";
import { seconds } from "../progress-text.ts";
import { confirmed } from "../question.ts";
import { secondsOf } from "../session.ts";
import { hasWork, type PlanFlags, planned, withPull } from "./plan.ts";
import { projectContainers } from "./project-containers.ts";

export interface UpFlags extends PlanFlags {
  yes?: boolean;
  dryRun?: boolean;
  /** Seconds until a container is killed that does not stop. */
  timeout?: string;
  build?: boolean;
}

export interface DownFlags extends UpFlags {
  volumes?: boolean;
  rmi?: string;
}

export async function upCommand(
  session: HostSession,
  services: readonly string[],
  flags: UpFlags,
): Promise<void> {
  if (flags.build) {
    throw new FairleadError("unsupported", "fairlead does not build images", {
      path: "--build",
      hint: ELSEWHERE.build,
    });
  }
  const loaded = session.load(services, true, flags.scale);
  const made = await planned(session, loaded, services, flags, connecting(session, flags));
  await carriedOut(session, loaded, made, flags);
}

export async function downCommand(
  session: HostSession,
  services: readonly string[],
  flags: DownFlags,
): Promise<void> {
  const loaded = session.load(services);
  const more = { direction: "down", ...(flags.volumes && { volumes: true }) } as const;
  const all = { ...connecting(session, flags), ...more };
  const made = await planned(session, loaded, services, flags, all);
  const images = flags.rmi === undefined ? [] : await removableImages(session, loaded, flags.rmi);
  await carriedOut(session, loaded, made, flags);
  if (flags.dryRun !== true) await removeImages(session, loaded, images);
}

interface HostImage {
  host: string;
  image: string;
}

/** The images of the project: all of them, or only those that fairlead made from files here. */
async function removableImages(
  session: HostSession,
  { stack, project }: Loaded,
  which: string,
): Promise<HostImage[]> {
  if (which !== "all" && which !== "local") {
    throw new FairleadError("invalid", `--rmi ${which}`, { hint: "There are all and local." });
  }
  const made = new Set(resourcesOf(stack, "image").map(({ name }) => name));
  const found = await projectContainers(session, project.name, stack.hosts, true);
  const all = new Map(found.map(({ host, image }) => [`${host} ${image}`, { host, image }]));
  return [...all.values()].filter(({ image }) => which === "all" || made.has(image));
}

async function removeImages(
  session: HostSession,
  { stack }: Loaded,
  images: readonly HostImage[],
): Promise<void> {
  for (const { host, image } of images) {
    const engine = await session.engine(host, stack.hosts[host]!);
    const subject = printable(`${host} image ${image}`);
    try {
      await engine.images.remove(image, session.signal);
      session.screen.note(`${session.screen.errorColors.green("✔")} ${subject} removed`);
    } catch (error) {
      const isUsed =
        error instanceof FairleadError && ["conflict", "not_found"].includes(error.code);
      if (!isUsed) throw error;
      session.screen.note(`- ${subject} kept: ${printable(error.message)}`);
    }
  }
}

/** A dry run leaves even an agent that has ended as it is. */
function connecting({ hosts }: HostSession, { dryRun }: UpFlags) {
  return { connect: dryRun === true ? hosts.connectReadOnly : hosts.connectOrStart };
}

/** Shows the plan, asks where it takes something away, and applies it. */
async function carriedOut(
  session: HostSession,
  loaded: Loaded,
  made: Plan,
  flags: UpFlags,
): Promise<void> {
  const { screen } = session;
  const pending = flags.dryRun === true;
  if (!screen.json) {
    for (const line of planLines(made, screen.colors, pending, screen.width)) screen.line(line);
  }
  if (pending || !hasWork(made)) {
    if (screen.json) screen.value({ plan: made, result: nothingDone() });
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
  if (screen.json) screen.value({ plan: made, result: resultValue(result) });
  else screen.line(resultLine(result, Date.now() - startedAt));
  if (result.cancelled) throw new Exit(130);
  if (result.failed.length > 0) throw new Exit(1);
}

async function applied(
  session: HostSession,
  loaded: Loaded,
  made: Plan,
  flags: UpFlags,
): Promise<ApplyResult> {
  const view = progressView(session.screen, serviceNames(loaded));
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
