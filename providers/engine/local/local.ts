// The transport to the machine we run on: child processes and unix sockets. No shell is involved.
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { constants } from "node:os";
import type { Duplex } from "node:stream";
import { FairleadError } from "../../../resources/errors.ts";
import { asRoot, refuseWithoutRoot } from "../transport/become.ts";
import { collectText, feed } from "../transport/collect.ts";
import {
  type ExecOptions,
  type ExecResult,
  type Transport,
  Trips,
} from "../transport/transport.ts";

export class LocalTransport implements Transport {
  readonly name = "local";
  readonly trips = new Trips();

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    const command = options.become ? asRoot(argv) : [...argv];
    const program = command.shift();
    if (program === undefined) throw new FairleadError("invalid", "a command needs a program");
    this.trips.add(1);
    const child = spawn(program, command, { stdio: "pipe", signal: options.signal });
    const result = await runToEnd(child, options, program);
    if (options.become) refuseWithoutRoot(result, this.name);
    return result;
  }

  async openStream(socketPath: string, signal?: AbortSignal): Promise<Duplex> {
    signal?.throwIfAborted();
    this.trips.add(1);
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    return new Promise((resolve, reject) => {
      const abort = () => socket.destroy(signal?.reason as Error);
      signal?.addEventListener("abort", abort, { once: true });
      socket.once("error", (error: NodeJS.ErrnoException) => {
        signal?.removeEventListener("abort", abort);
        reject(signal?.aborted ? signal.reason : socketError(error, socketPath));
      });
      socket.once("connect", () => {
        signal?.removeEventListener("abort", abort);
        resolve(socket);
      });
    });
  }

  async close(): Promise<void> {}
}

async function runToEnd(
  child: ChildProcess,
  options: ExecOptions,
  program: string,
): Promise<ExecResult> {
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
    });
  });
  try {
    const [code, stdout, stderr] = await Promise.all([
      ended,
      collectText(child.stdout!, options.maxOutputBytes),
      collectText(child.stderr!, options.maxOutputBytes),
      feed(options.stdin, child.stdin!),
    ]);
    return { code, stdout, stderr };
  } catch (error) {
    child.kill("SIGKILL");
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { code: 127, stdout: "", stderr: `${program}: not found\n` };
    }
    throw error;
  }
}

function socketError(error: NodeJS.ErrnoException, socketPath: string): FairleadError {
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new FairleadError("forbidden", `${socketPath}: this user may not open the socket`, {
      path: socketPath,
      hint: "run as root, or add the user to the group that owns the socket",
      cause: error,
    });
  }
  return new FairleadError("unavailable", `${socketPath}: nothing listens there (${error.code})`, {
    path: socketPath,
    cause: error,
  });
}
