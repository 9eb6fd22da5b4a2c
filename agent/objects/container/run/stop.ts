// Signals, stops, restarts, pauses and unpauses a container through its shim.
import { FairleadError } from "../../../../resources/model/errors.ts";
import type { ShimClient } from "../../../runtime/shim.ts";
import { STOP_TIMEOUT_S, signalNumber } from "../../../runtime/spec-shim.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";
import { startContainer } from "./start.ts";

export interface StopOptions {
  /** Name or number; the container's own when absent. */
  signal?: string | undefined;
  /** Seconds before SIGKILL; the container's own when absent, -1 waits for ever. */
  timeoutS?: number | undefined;
}

const SIGKILL = 9;
/** How long the news of a pause may take from the shim. */
const NEWS_MS = 2000;
const EXIT_MS = 10_000;

/** Stops a container for good; `not_modified` when it does not run. */
export async function stopContainer(
  container: Container,
  options: StopOptions,
  parts: ContainerParts,
): Promise<void> {
  const { shim } = container;
  if (!shim || !container.running) {
    throw new FairleadError("not_modified", "container is already stopped");
  }
  const { config } = container.record;
  const signal = signalNumber(options.signal || config.StopSignal || "SIGTERM");
  const timeoutS = options.timeoutS ?? config.StopTimeout ?? STOP_TIMEOUT_S;
  container.stopping = true;
  container.stopSignal = signal;
  publish(parts.events, container, "kill", { signal: String(signal) });
  // A frozen process cannot react to a signal.
  if (container.status === "paused") await shim.resume().catch(() => undefined);
  await shim.stop(signal, timeoutS < 0 ? -1 : timeoutS * 1000);
  await released(container, shim);
}

/** Sends a signal; one that ends the container also ends its restart policy. */
export async function killContainer(
  container: Container,
  signalName: string,
  parts: ContainerParts,
): Promise<void> {
  const signal = signalNumber(signalName || "SIGKILL");
  if (!container.shim || !container.running) {
    throw new FairleadError(
      "conflict",
      `cannot kill container: ${container.id}: container ${container.id} is not running`,
    );
  }
  const { shim } = container;
  const stops =
    signal === SIGKILL || signal === signalNumber(container.record.config.StopSignal || "SIGTERM");
  if (signal === SIGKILL) {
    publish(parts.events, container, "kill", { signal: String(signal) });
    await shim.stop(SIGKILL, 0);
    await released(container, shim);
    return;
  }
  if (stops) await shim.update({ stopRequested: true });
  publish(parts.events, container, "kill", { signal: String(signal) });
  await shim.kill(signal);
}

/** Stops a running container, then starts it. */
export async function restartContainer(
  container: Container,
  options: StopOptions,
  parts: ContainerParts,
): Promise<void> {
  container.restarted = true;
  try {
    await stopContainer(container, options, parts).catch((error: unknown) => {
      if (!(error instanceof FairleadError && error.code === "not_modified")) throw error;
    });
    await startContainer(container, parts);
  } finally {
    container.restarted = false;
  }
  publish(parts.events, container, "restart");
}

export async function pauseContainer(container: Container): Promise<void> {
  const shim = container.requireRunning();
  if (container.status === "paused") {
    throw new FairleadError("conflict", `Container ${container.id} is already paused`);
  }
  container.refuseRestarting();
  await shim.pause();
  await becomes(container, "paused");
}

export async function unpauseContainer(container: Container): Promise<void> {
  const shim = container.requireRunning();
  if (container.status !== "paused") {
    throw new FairleadError("conflict", `Container ${container.id} is not paused`);
  }
  await shim.resume();
  await becomes(container, "running");
}

/**
 * The shim answers before its watchers have read the news; an inspect must show it, and a successor
 * must find ports and addresses free.
 */
async function released(container: Container, shim: ShimClient): Promise<void> {
  await container.until(() => !container.running && container.shim !== shim, EXIT_MS);
  await container.exclusive(async () => undefined);
}

function becomes(container: Container, status: string): Promise<void> {
  return container.until(() => container.status === status, NEWS_MS);
}
