// The transport to the machine we run on: child processes and unix sockets. No shell is involved.
import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import { Duplex } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { asRoot, type Become, refuseWithoutRoot } from "../transport/become.ts";
import { collectText, feed } from "../transport/collect.ts";
import {
  type ExecOptions,
  type ExecResult,
  type Relay,
  RoundTrips,
  type Transport,
} from "../transport/transport.ts";
import { CommandWatch } from "../transport/watch.ts";
import type { OnWait } from "../waiting.ts";

export interface LocalOptions extends Become {
  /** For sockets that only root may open. */
  readonly relay?: Relay | undefined;
  /** Told of waits of more than a second. */
  readonly onWait?: OnWait | undefined;
}

export class LocalTransport implements Transport {
  readonly name = "local";
  readonly trips = new RoundTrips();
  readonly streamsAtOnce = 512;
  readonly #options: LocalOptions;

  constructor(options: LocalOptions = {}) {
    this.#options = options;
  }

  get onWait(): OnWait | undefined {
    return this.#options.onWait;
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    const command = options.become ? asRoot(argv, this.#options) : { argv, prelude: "" };
    const [program, ...args] = command.argv;
    if (program === undefined) throw new FairleadError("invalid", "a command needs a program");
    this.trips.add(1);
    const watch = new CommandWatch(this, argv, options);
    const child = spawn(program, args, { stdio: "pipe" });
    const result = await runToEnd(child, options, watch, command.prelude, program);
    if (options.become) refuseWithoutRoot(result, this.name);
    return result;
  }

  async openStream(socketPath: string, signal?: AbortSignal): Promise<Duplex> {
    signal?.throwIfAborted();
    this.trips.add(1);
    try {
      return await dialSocket(socketPath, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      const denied = code === "EACCES" || code === "EPERM";
      if (!denied) {
        const message = `${socketPath}: nothing listens there (${code})`;
        throw new FairleadError("unavailable", message, { path: socketPath, cause: error });
      }
      if (this.#options.relay === undefined || this.#options.become === false) {
        throw new FairleadError("forbidden", `${socketPath}: this user may not open the socket`, {
          path: socketPath,
          hint: "run as root, or add the user to the group that owns the socket",
          cause: error,
        });
      }
      return runRelay(asRoot(this.#options.relay(socketPath), this.#options));
    }
  }

  async close(): Promise<void> {}
}

function dialSocket(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const abort = () => socket.destroy(signal?.reason as Error);
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      signal?.removeEventListener("abort", abort);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function runRelay(command: { argv: readonly string[]; prelude: string }): Duplex {
  const [program = "", ...args] = command.argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once("error", (error) => stream.destroy(error));
  stream.once("close", () => child.kill());
  if (command.prelude !== "") stream.write(command.prelude);
  return stream;
}

async function runToEnd(
  child: ChildProcess,
  options: ExecOptions,
  watch: CommandWatch,
  prelude: string,
  program: string,
): Promise<ExecResult> {
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
    });
  });
  try {
    const all = Promise.all([
      ended,
      collectText(child.stdout!, watch.said),
      collectText(child.stderr!, watch.noticed),
      feed(options.stdin, child.stdin!, prelude, watch.tookInput),
    ]);
    const [code, stdout, stderr] = await watch.during(all);
    return { code, stdout, stderr };
  } catch (error) {
    child.kill("SIGKILL");
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { code: 127, stdout: "", stderr: `${program}: not found\n` };
    }
    throw error;
  } finally {
    watch.end();
  }
}
