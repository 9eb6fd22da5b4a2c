// Joins this terminal, or our standard streams, to a container's first process.
import type { EngineClient } from "../../engine/engine.ts";
import { Exit } from "../screen/failure.ts";
import type { HostSession } from "../session/host-session.ts";
import { piped, terminal } from "./executing.ts";

export interface Joining {
  stdin: boolean;
  /** Starts it once we are joined, so that no output is lost. */
  starts?: boolean;
  /** Ends with its exit code. */
  exitsWithIt: boolean;
}

/** Returns when the container's process has ended, or throws its exit code. */
export async function joined(
  session: HostSession,
  { containers }: EngineClient,
  id: string,
  { stdin, starts, exitsWithIt }: Joining,
): Promise<number> {
  const { signal } = session;
  const { Config } = await containers.inspect(id, signal);
  const tty = Config?.Tty === true;
  const interactive = stdin && Config?.OpenStdin === true;
  const first = await containers.attach(id, { stdin: interactive, tty, signal });
  const ended = containers.wait(id, starts ? "next-exit" : "not-running", signal);
  // Whoever waits for it handles its failure.
  ended.catch(() => {});
  if (starts) await containers.start(id, signal);
  const isTerminal = tty && process.stdin.isTTY === true && interactive;
  await (isTerminal ? terminal(first) : piped(first, { interactive }, session)).finally(() =>
    first.leave(),
  );
  const code = await ended;
  if (exitsWithIt && code !== 0) throw new Exit(code);
  return code;
}
