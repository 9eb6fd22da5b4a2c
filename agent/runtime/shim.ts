// Starts shims and speaks their control protocol: one request per connection.
// Knows nothing of HTTP, images or networks; the shim itself is the parent of the container.
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { readLine, readLines } from "./shim-line.ts";
import {
  decodeFailure,
  type ExecRequest,
  type ExecStatus,
  type ShimEvent,
  type ShimUpdate,
  type StreamSelection,
} from "./shim-protocol.ts";
import type { ShimState } from "./shim-state.ts";

export interface ShimLaunch {
  /** Path of fairlead-runtime. */
  binary: string;
  /** Folder with config.json and shim.json. */
  bundle: string;
  /** Where the control socket is made; at most 107 bytes, sun_path of unix(7). */
  socket: string;
  /** Where state.json goes; the bundle by default. */
  stateDir?: string;
  /** Default 60 s; hooks and slow disks are part of it. */
  timeoutMs?: number;
}

/** Starts a shim, which creates its container up to just before exec; fails with its error. */
export async function launchShim(launch: ShimLaunch): Promise<{ pid: number; shimPid: number }> {
  requireSocketPath(launch.socket);
  const answer = await launchLine(launch);
  if (answer.ok !== true) throw decodeFailure(answer.error);
  return { pid: Number(answer.pid), shimPid: Number(answer.shimPid) };
}

/** One shim's control socket. Every call fails with `unavailable` when the shim is gone. */
export class ShimClient {
  readonly socket: string;

  constructor(socket: string) {
    requireSocketPath(socket);
    this.socket = socket;
  }

  /** Lets the created process begin; resolves after its exec, or fails with why it could not. */
  async start(): Promise<void> {
    await this.#ask({ op: "start" });
  }

  async state(): Promise<ShimState> {
    return (await this.#ask({ op: "state" })).state as ShimState;
  }

  /** With `all` every process of the container gets the signal. */
  async kill(signal: number, all = false): Promise<void> {
    await this.#ask({ op: "kill", signal, all });
  }

  /** Ends the container for good; resolves when it has exited. -1 never escalates to SIGKILL. */
  async stop(signal: number, timeoutMs: number): Promise<void> {
    await this.#ask({ op: "stop", signal, timeoutMs }, 0);
  }

  async pause(): Promise<void> {
    await this.#ask({ op: "pause" });
  }

  async resume(): Promise<void> {
    await this.#ask({ op: "resume" });
  }

  async update(update: ShimUpdate): Promise<void> {
    await this.#ask({ op: "update", ...update });
  }

  /** Runs a process in the container; with `attach` its streams come back as one Duplex. */
  async exec(request: ExecRequest): Promise<{ pid: number; stream?: Duplex }> {
    const { socket, answer } = await this.#open({ op: "exec", ...request });
    if (request.attach) return { pid: Number(answer.pid), stream: socket };
    socket.destroy();
    return { pid: Number(answer.pid) };
  }

  /** The streams of the container's first process, framed as Docker does; allowed before start. */
  async attach(streams: StreamSelection): Promise<Duplex> {
    return (await this.#open({ op: "attach", ...streams })).socket;
  }

  /** Sets the size of a terminal, in characters; `exec` names an exec instead of the container. */
  async resize(rows: number, cols: number, exec?: string): Promise<void> {
    await this.#ask({ op: "resize", rows, cols, ...(exec === undefined ? {} : { exec }) });
  }

  /** Makes the shim read shim.json again. */
  async reload(): Promise<void> {
    await this.#ask({ op: "reload" });
  }

  /** The state of one of the last 64 execs; `not_found` for any other. */
  async inspectExec(id: string): Promise<ExecStatus> {
    const { running, pid, exitCode } = await this.#ask({ op: "inspect_exec", id });
    return { running: Boolean(running), pid: Number(pid), exitCode: Number(exitCode) };
  }

  /**
   * Calls back for every event until the shim ends or the signal aborts; resolves then.
   * `onState` gets the state at the moment from which on no event is missed.
   */
  async watch(
    onEvent: (event: ShimEvent) => void,
    signal?: AbortSignal,
    onState?: (state: ShimState) => void,
  ): Promise<void> {
    signal?.throwIfAborted();
    const { socket, answer } = await this.#open({ op: "watch" });
    const stop = () => socket.destroy();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      onState?.(answer.state as ShimState);
      for await (const line of readLines(socket))
        onEvent(parseAnswer(line) as unknown as ShimEvent);
    } finally {
      signal?.removeEventListener("abort", stop);
      socket.destroy();
    }
  }

  async #ask(request: object, timeoutMs?: number): Promise<Answer> {
    const { socket, answer } = await this.#open(request, timeoutMs);
    socket.destroy();
    return answer;
  }

  async #open(request: object, timeoutMs = REQUEST_TIMEOUT_MS): Promise<Opened> {
    const socket = connect({ path: this.socket, allowHalfOpen: true });
    // A connection that breaks later ends its stream; whoever reads it sees the close.
    socket.on("error", () => {});
    try {
      socket.write(`${JSON.stringify(request)}\n`);
      const answer = parseAnswer(await readLine(socket, timeoutMs));
      if (answer.ok !== true) throw decodeFailure(answer.error);
      return { socket, answer };
    } catch (error) {
      socket.destroy();
      throw asUnavailable(error, this.socket);
    }
  }
}

type Answer = Record<string, unknown>;
interface Opened {
  socket: Socket;
  answer: Answer;
}

/** No request but stop waits for the container, so a silent shim is a broken one. */
const REQUEST_TIMEOUT_MS = 60_000;
/** sizeof(sun_path) is 108 with the closing NUL, unix(7). */
const SOCKET_PATH_BYTES = 107;
const STDERR_BYTES = 4096;

function requireSocketPath(path: string): void {
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return;
  throw new FairleadError("invalid", `the socket path is longer than ${SOCKET_PATH_BYTES} bytes`, {
    path,
    hint: "choose a shorter --run directory",
  });
}

async function launchLine(launch: ShimLaunch): Promise<Answer> {
  const argv = ["shim", "--bundle", launch.bundle, "--socket", launch.socket];
  if (launch.stateDir !== undefined) argv.push("--state-dir", launch.stateDir);
  const child = spawn(launch.binary, argv, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (stderr.length < STDERR_BYTES) stderr += text.slice(0, STDERR_BYTES - stderr.length);
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  try {
    const line = readLine(child.stdout, launch.timeoutMs ?? REQUEST_TIMEOUT_MS);
    return parseAnswer(await Promise.race([line, failed]));
  } catch (error) {
    child.kill("SIGKILL");
    const reason = stderr.trim() || (error instanceof Error ? error.message : String(error));
    throw new FairleadError("internal", `the shim did not start: ${reason}`, {
      path: launch.bundle,
      cause: error,
    });
  } finally {
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
}

function parseAnswer(line: string): Answer {
  const value: unknown = JSON.parse(line);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Answer;
  throw new FairleadError("internal", "the shim answered with something that is no JSON object");
}

function asUnavailable(error: unknown, path: string): unknown {
  if (error instanceof FairleadError) return error;
  return new FairleadError("unavailable", `no shim answers: ${(error as Error).message}`, {
    path,
    cause: error,
  });
}
