// Follows a container by its shim's events until it has ended for good, then gives back what it
// used. Also the place where a shim that vanished is noticed.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Restarts } from "../../../runtime/restart.ts";
import type { ShimClient } from "../../../runtime/shim.ts";
import type { ShimEvent } from "../../../runtime/shim-protocol.ts";
import { type ShimState, shimStateForm } from "../../../runtime/shim-state.ts";
import { healthcheckOf } from "../../../runtime/spec-shim.ts";
import { writeRecord } from "../../../state/record.ts";
import { nowNano, unixNano } from "../../time.ts";
import { type Container, NEVER } from "../state/container.ts";
import { publish } from "../state/events.ts";
import { endExec } from "../state/exec.ts";
import { forwarded } from "../state/log.ts";
import type { ContainerParts } from "../state/parts.ts";
import { allProcesses } from "../state/process.ts";
import { releaseContainer } from "./release.ts";
import { removeNow } from "./remove.ts";
import { restartAfter } from "./restart.ts";

const SIGKILL = 9;
/** What dockerd records for a container whose end nobody saw. */
const LOST_EXIT_CODE = 255;

/** Starts a container again that has come back so often. */
export type Restart = (restarts: Restarts) => Promise<void>;

/**
 * Starts to follow; resolves once no event can be missed, and goes on by itself. `restart` starts
 * the container again when its shim was lost and its policy wants that.
 */
export function watchContainer(
  container: Container,
  shim: ShimClient,
  parts: ContainerParts,
  restart: Restart,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let following = false;
    const began = (state: ShimState) => {
      following = true;
      container.update(state);
      parts.logs.begin(forwarded(container));
      resolve();
    };
    shim
      .watch((event) => onEvent(container, event, parts), undefined, began)
      .catch(reject)
      .then(() => (following ? onEnd(container, shim, parts, restart) : undefined))
      .catch((error: Error) => parts.report(`container ${container.id}: ${error.stack}`));
  });
}

function onEvent(container: Container, event: ShimEvent, parts: ContainerParts): void {
  const before = container.state;
  if (event.exec !== undefined) {
    onExec(container, event, parts);
    return;
  }
  container.update(event.state);
  const tell = (action: string, more?: Record<string, string>) =>
    publish(parts.events, container, action, more);
  switch (event.event) {
    case "started":
      tell("start");
      break;
    case "restarting":
      tell("die", exitAttributes(event.state));
      container.exited(event.state.exitCode);
      break;
    case "exited":
      if (event.state.status === "exited") ended(container, event.state, parts);
      break;
    case "paused":
      tell("pause");
      break;
    case "resumed":
      tell("unpause");
      break;
    case "oom":
      tell("oom");
      break;
    case "probe":
      tellProbe(container, before, parts);
      break;
    case "health":
      tellProbe(container, before, parts);
      if (event.state.health && event.state.health.status !== before?.health?.status) {
        tell(`health_status: ${event.state.health.status}`);
      }
      break;
  }
}

/** A probe counts as an exec; its shim tells of it when it has ended. */
function tellProbe(container: Container, before: ShimState | undefined, parts: ContainerParts) {
  const probe = container.state?.health?.log.at(-1);
  if (!probe || probe.start === before?.health?.log.at(-1)?.start) return;
  const { Healthcheck, Shell } = container.record.config;
  const [program = "", ...rest] = healthcheckOf(Healthcheck, Shell)?.argv ?? [];
  const words = `${program} ${rest.join(" ")}`;
  const execID = randomBytes(32).toString("hex");
  publish(parts.events, container, `exec_create: ${words}`, { execID });
  publish(parts.events, container, `exec_start: ${words}`, { execID });
  // One that took too long was killed.
  const exitCode = String(probe.exitCode < 0 ? 128 + SIGKILL : probe.exitCode);
  publish(parts.events, container, "exec_die", { execID, exitCode });
}

function onExec(container: Container, event: ShimEvent, parts: ContainerParts): void {
  const exec = container.execs.get(event.exec ?? "");
  if (!exec || event.event !== "exec_exited") return;
  endExec(exec, event.exitCode ?? 0);
  publish(parts.events, container, "exec_die", {
    execID: exec.id,
    exitCode: String(event.exitCode ?? 0),
  });
}

/** The final exit: told at once; the cleaning waits for the shim to leave. */
function ended(container: Container, state: ShimState, parts: ContainerParts): void {
  for (const exec of container.execs.values()) if (exec.started) endExec(exec, 137);
  if (container.stopping && state.signal === SIGKILL && container.stopSignal !== SIGKILL) {
    publish(parts.events, container, "kill", { signal: String(SIGKILL) });
  }
  publish(parts.events, container, "die", exitAttributes(state));
  if (container.stopping) publish(parts.events, container, "stop");
  container.exited(state.exitCode);
}

function exitAttributes(state: ShimState): Record<string, string> {
  const lasted = (unixNano(state.finishedAt) - unixNano(state.startedAt)) / 1_000_000_000n;
  return { exitCode: String(state.exitCode), execDuration: String(lasted > 0n ? lasted : 0n) };
}

/** The shim's connection ended: normally after the final exit, else the shim itself is gone. */
async function onEnd(
  container: Container,
  shim: ShimClient,
  parts: ContainerParts,
  restart: Restart,
): Promise<void> {
  if (container.shim !== shim) return;
  const status = container.state?.status;
  const lost = status !== "exited" && status !== "created";
  if (lost && (await followAgain(container, shim, parts, restart))) return;
  if (lost) await settleLost(container, parts);
  await container.exclusive(async () => {
    if (container.shim !== shim || container.state?.status !== "exited") return;
    await releaseContainer(container, parts);
    if (container.record.hostConfig.AutoRemove && !container.restarted) {
      await removeNow(container, { volumes: true }, parts);
    }
  });
  if (lost) await restartAfterLoss(container, parts, restart);
}

/** Not at once and not for ever: what kills one shim may kill the next. */
async function restartAfterLoss(
  container: Container,
  parts: ContainerParts,
  restart: Restart,
): Promise<void> {
  const { state } = container;
  const restarts = await restartAfter(container, parts);
  if (!restarts) return;
  await sleep(restarts.delayMs);
  // Somebody may have started, stopped or removed it meanwhile, or changed its policy.
  if (container.removed || container.state !== state) return;
  if (await restartAfter(container, parts)) await restart(restarts);
}

/** A connection can break while the shim lives; false when it is the shim that is gone. */
async function followAgain(
  container: Container,
  shim: ShimClient,
  parts: ContainerParts,
  restart: Restart,
): Promise<boolean> {
  try {
    await watchContainer(container, shim, parts, restart);
    return true;
  } catch {
    parts.report(`container ${container.id}: its shim is gone`);
    return false;
  }
}

async function settleLost(container: Container, parts: ContainerParts): Promise<void> {
  const state = await lostState(container, parts);
  container.update(state);
  ended(container, state, parts);
}

/** The last state of a container without a shim, made final: on disk and returned. */
export async function lostState(container: Container, parts: ContainerParts): Promise<ShimState> {
  const told = await readState(container, parts);
  if (told?.status === "exited" && told !== UNKNOWN_STATE) return told;
  killRest(container, parts);
  const base = told ?? container.state;
  const state: ShimState = {
    ...EMPTY_STATE,
    ...base,
    status: "exited",
    pid: 0,
    shimPid: 0,
    finishedAt: nowNano(),
    exitCode: LOST_EXIT_CODE,
    error: base?.error || "the container's supervisor ended without telling how it did",
  };
  await writeRecord(shimStateForm, container.paths.state, state);
  return state;
}

/**
 * What the shim wrote last; undefined when the container never began. When the file is lost, torn
 * or damaged, or not there although the container was started once, nobody knows how it did: it
 * then counts as ended, before the last boot, so that its restart policy decides.
 */
export async function readState(
  container: Container,
  parts: ContainerParts,
): Promise<ShimState | undefined> {
  const { paths, record } = container;
  const reading = await parts.records.read(shimStateForm, paths.state);
  if (reading && "record" in reading) return reading.record;
  const began = reading !== undefined || (existsSync(paths.config) && !record.failure);
  return began ? UNKNOWN_STATE : undefined;
}

const EMPTY_STATE: ShimState = {
  status: "exited",
  pid: 0,
  shimPid: 0,
  bootId: "",
  startedAt: NEVER,
  finishedAt: NEVER,
  exitCode: 0,
  signal: 0,
  oomKilled: false,
  restartCount: 0,
  stopRequested: false,
  error: "",
};

/** The state of a container of which nobody knows how it did; see readState. */
export const UNKNOWN_STATE: ShimState = {
  ...EMPTY_STATE,
  exitCode: LOST_EXIT_CODE,
  error: "what the supervisor of the container wrote is lost: how the container did is unknown",
};

/** Ends the processes that a dead shim left in the container's control groups. */
function killRest(container: Container, parts: ContainerParts): void {
  for (const pid of allProcesses(container, parts)) {
    if (pid > 1) killIfThere(pid);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
