// Joins this terminal, or our standard streams, to a container's first process.
import type { HttpEngine } from "../../engine/docker-api/http-engine.ts";
import { exitOf, inspect, start } from "../../engine/docker-api/verbs.ts";
import { Exit } from "../failure.ts";
import type { HostSession } from "../host-session.ts";
import { leave, piped, terminal } from "./exec.ts";

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
  engine: HttpEngine,
  id: string,
  { stdin, starts, exitsWithIt }: Joining,
): Promise<number> {
  const { signal } = session;
  const seen = await inspect<{ Config?: { Tty?: boolean; OpenStdin?: boolean } }>(
    engine,
    id,
    signal,
  );
  const tty = seen.Config?.Tty === true;
  const interactive = stdin && seen.Config?.OpenStdin === true;
  const path = `/containers/${encodeURIComponent(id)}`;
  const { stream } = await engine.hijack({
    ...{ method: "POST", path: `${path}/attach`, signal },
    query: { stream: true, stdin: interactive, stdout: true, stderr: true },
  });
  const ended = exitOf(engine, id, starts ? "next-exit" : "not-running", signal);
  // Whoever waits for it handles its failure.
  ended.catch(() => {});
  if (starts) await start(engine, id, signal);
  const isTerminal = tty && process.stdin.isTTY === true && interactive;
  await (isTerminal
    ? terminal(stream, engine, path)
    : piped(stream, { interactive }, session, tty)
  ).finally(() => leave(stream));
  const code = await ended;
  if (exitsWithIt && code !== 0) throw new Exit(code);
  return code;
}
