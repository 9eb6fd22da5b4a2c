// Runs further processes in a running container: creates, starts, inspects and resizes execs.
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { ExecConfig, ExecInspectResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ShimError } from "../../runtime/shim-protocol.ts";
import { chooseCapabilities } from "../../runtime/spec-capabilities.ts";
import { machineOf } from "../container/create/machine.ts";
import { fitUser } from "../container/create/rootless.ts";
import { resolveUser } from "../container/create/user.ts";
import { linkEnvironment, reachableLinked } from "../container/run/links.ts";
import { environment } from "../container/run/spec.ts";
import { reasonOf } from "../container/run/start.ts";
import { readBundle } from "../container/state/bundle.ts";
import type { Container } from "../container/state/container.ts";
import { publish } from "../container/state/events.ts";
import { beginExec, type Exec, endExec } from "../container/state/exec.ts";
import type { ContainerParts } from "../container/state/parts.ts";
import { parseDetachKeys } from "../stream/detach-keys.ts";
import { framed, frameOf, unframed } from "../stream/frame.ts";
import { joinStreams } from "../stream/join.ts";

/** How long a resize waits for the process that it is for. */
const BEGIN_MS = 10_000;
/** As many as the shim remembers. */
const KEPT = 64;

export interface ExecStart {
  /** Whether the client reads raw bytes; its creation says whether the exec has a terminal. */
  tty: boolean;
  consoleSize: readonly number[] | undefined;
}

/** Notes an exec; `conflict` unless the container runs. */
export function createExec(container: Container, config: ExecConfig, parts: ContainerParts): Exec {
  container.requireRunning();
  container.refuseRestarting();
  if (container.status === "paused") {
    throw new FairleadError(
      "conflict",
      `Container ${container.id} is paused, unpause the container before exec`,
    );
  }
  if (!config.Cmd?.length) throw new FairleadError("invalid", "No exec command specified");
  if (config.WorkingDir && !config.WorkingDir.startsWith("/")) {
    throw new FairleadError("invalid", `exec: WorkingDir ${config.WorkingDir} is not absolute`);
  }
  parseDetachKeys(config.DetachKeys, "escape");
  // Told at once, as dockerd does since 28; the start looks again.
  if (config.User) userOf(container, config);
  const exec: Exec = {
    id: randomBytes(32).toString("hex"),
    containerId: container.id,
    config,
    started: false,
    running: false,
    pid: 0,
    exitCode: undefined,
    waiters: new Set(),
  };
  forgetOld(container);
  container.execs.set(exec.id, exec);
  publish(parts.events, container, `exec_create: ${wordsOf(config)}`, { execID: exec.id });
  return exec;
}

/** The exec and its container, or `not_found` in Docker's words. */
export function requireExec(
  id: string,
  parts: ContainerParts,
): { exec: Exec; container: Container } {
  for (const container of parts.containers.all()) {
    const exec = container.execs.get(id);
    if (exec) return { exec, container };
  }
  throw new FairleadError("not_found", `No such exec instance: ${id}`);
}

/** Refuses a second start, before the connection is taken over. */
export function checkStart({ exec, container }: { exec: Exec; container: Container }): void {
  if (exec.exitCode !== undefined) {
    throw new FairleadError("conflict", `exec ${exec.id} has already run`);
  }
  if (exec.started) throw new FairleadError("conflict", `exec ${exec.id} is already running`);
  container.requireRunning();
  container.refuseRestarting();
  if (container.status === "paused") {
    throw new FairleadError("conflict", `Container ${container.id} is paused`);
  }
}

/** Starts without streams. */
export async function startDetached(
  target: { exec: Exec; container: Container },
  start: ExecStart,
  parts: ContainerParts,
): Promise<void> {
  await run(target, start, false, parts);
}

/** Starts with its streams joined to the client's; a failure is told there, as dockerd does. */
export async function startAttached(
  target: { exec: Exec; container: Container },
  client: Duplex,
  start: ExecStart,
  parts: ContainerParts,
): Promise<void> {
  const { exec } = target;
  const tty = exec.config.Tty === true;
  let stream: Duplex | undefined;
  try {
    stream = await run(target, start, true, parts);
  } catch (error) {
    const text = Buffer.from(`${(error as Error).message}\r\n`);
    client.end(start.tty ? text : frameOf("stdout", text));
    return;
  }
  if (!stream) return;
  const stdin = exec.config.AttachStdin === true;
  await joinStreams(client, stream, {
    stdin,
    detachKeys: tty && stdin ? parseDetachKeys(exec.config.DetachKeys) : undefined,
    ...(tty === start.tty ? {} : { output: tty ? framed() : unframed() }),
  });
}

/** Sets the size of an exec's terminal; one that is about to start is waited for. */
export async function resizeExec(
  { exec, container }: { exec: Exec; container: Container },
  rows: number,
  columns: number,
): Promise<void> {
  if (exec.running && exec.pid === 0) await begun(exec);
  if (!exec.running) throw new FairleadError("conflict", `exec ${exec.id} is not running`);
  await container.requireRunning().resize(rows, columns, exec.id);
}

function begun(exec: Exec): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      exec.waiters.delete(go);
      resolve();
    };
    const timer = setTimeout(go, BEGIN_MS);
    exec.waiters.add(go);
  });
}

/** Docker's inspect answer. */
export async function inspectExec({
  exec,
  container,
}: {
  exec: Exec;
  container: Container;
}): Promise<ExecInspectResponse> {
  await refresh(exec, container);
  const { config } = exec;
  const [entrypoint = "", ...rest] = config.Cmd ?? [];
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: (exec.exitCode ?? null) as never,
    ProcessConfig: {
      tty: config.Tty === true,
      entrypoint,
      arguments: rest,
      privileged: config.Privileged === true,
      ...(config.User ? { user: config.User } : {}),
    },
    OpenStdin: config.AttachStdin === true,
    OpenStderr: config.AttachStderr === true,
    OpenStdout: config.AttachStdout === true,
    CanRemove: exec.exitCode !== undefined,
    ContainerID: exec.containerId,
    DetachKeys: config.DetachKeys ?? "",
    Pid: exec.pid,
  };
}

/** The stream ends a moment before the news of the exit arrives; clients ask right then. */
async function refresh(exec: Exec, container: Container): Promise<void> {
  if (!exec.running || !container.shim) return;
  const status = await container.shim.inspectExec(exec.id).catch(() => undefined);
  if (status && !status.running) endExec(exec, status.exitCode);
}

async function run(
  { exec, container }: { exec: Exec; container: Container },
  start: ExecStart,
  attach: boolean,
  parts: ContainerParts,
): Promise<Duplex | undefined> {
  const shim = container.requireRunning();
  exec.started = true;
  exec.running = true;
  const { config } = exec;
  publish(parts.events, container, `exec_start: ${wordsOf(config)}`, { execID: exec.id });
  try {
    const { pid, stream } = await shim.exec({
      id: exec.id,
      process: await processOf(container, config, start, parts),
      tty: config.Tty === true,
      stdin: attach && config.AttachStdin === true,
      stdout: attach && config.AttachStdout === true,
      stderr: attach && config.AttachStderr === true,
      attach,
    });
    beginExec(exec, pid);
    return stream;
  } catch (error) {
    throw failed(exec, error);
  }
}

/** As dockerd writes it: a space follows the program even when nothing else does. */
function wordsOf({ Cmd = [] }: ExecConfig): string {
  return `${Cmd[0]} ${Cmd.slice(1).join(" ")}`;
}

function failed(exec: Exec, error: unknown): Error {
  if (!(error instanceof ShimError)) {
    endExec(exec, 126);
    return error as Error;
  }
  const [exitCode, reason] = reasonOf(error, exec.config.Cmd?.[0] ?? "");
  endExec(exec, exitCode);
  return new FairleadError("invalid", `exec failed: ${reason}`, { cause: error });
}

interface OciProcess {
  capabilities?: Record<string, string[]>;
  [key: string]: unknown;
}

/** By the container's own files, as they are now. */
function userOf(container: Container, { User }: ExecConfig): ReturnType<typeof resolveUser> {
  const { config, hostConfig } = container.record;
  const root = `/proc/${container.state?.pid}/root`;
  return resolveUser(root, User || config.User || "", hostConfig.GroupAdd ?? []);
}

/** The container's own process settings, with what the exec changes. */
async function processOf(
  container: Container,
  config: ExecConfig,
  start: ExecStart,
  parts: ContainerParts,
): Promise<OciProcess> {
  const { spec } = await readBundle(container.paths);
  const { config: own } = container.record;
  const user = fitUser(userOf(container, config), parts.facts.rootless);
  const tty = config.Tty === true;
  const [height, width] = start.consoleSize ?? config.ConsoleSize ?? [];
  const links = linkEnvironment(reachableLinked(container, parts));
  const base = { hostname: own.Hostname ?? "", home: user.home, tty, links };
  const { consoleSize: _, ...process } = spec.process as OciProcess;
  return {
    ...process,
    terminal: tty,
    ...(tty && height && width ? { consoleSize: { height, width } } : {}),
    args: config.Cmd ?? [],
    env: environment([...(own.Env ?? []), ...(config.Env ?? [])], base),
    cwd: config.WorkingDir || own.WorkingDir || "/",
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    capabilities: capabilitiesOf(container, config, user.uid, parts),
  };
}

function capabilitiesOf(
  container: Container,
  config: ExecConfig,
  uid: number,
  parts: ContainerParts,
): Record<string, string[]> {
  const { hostConfig } = container.record;
  const names = chooseCapabilities({
    add: hostConfig.CapAdd ?? [],
    drop: hostConfig.CapDrop ?? [],
    privileged: config.Privileged === true || hostConfig.Privileged === true,
    bounding: machineOf(parts.facts).bounding,
  });
  const usable = uid === 0 ? names : [];
  return { bounding: names, effective: usable, permitted: usable };
}

function forgetOld(container: Container): void {
  const done = [...container.execs.values()].filter((exec) => exec.exitCode !== undefined);
  for (const exec of done.slice(0, Math.max(0, done.length - KEPT)))
    container.execs.delete(exec.id);
}
