// fairlead tunnel and fairlead docker: a local Docker socket that leads to a host's engine.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Tunnel } from "../../engine/tunnel/tunnel.ts";
import { Exit } from "../screen/failure.ts";
import type { HostSession } from "../session/host-session.ts";
import { declaredHosts } from "./hosts.ts";

export interface TunnelFlags {
  socket?: string;
}

/** Listens until it is interrupted. */
export async function tunnelCommand(
  session: HostSession,
  host: string,
  flags: TunnelFlags,
): Promise<void> {
  const spec = session.hostSpec(host, declaredHosts(session));
  const tunnel = await opened(session, host, spec, flags.socket);
  const { screen, signal } = session;
  try {
    const { socketPath, dockerHost } = tunnel;
    if (screen.json) screen.value({ host, socketPath, dockerHost });
    else {
      screen.line(`export DOCKER_HOST=${dockerHost}`);
      screen.note(`Leads to ${host} until you press Ctrl-C.`);
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
      // The socket alone keeps the process; without a listener the promise would not.
    });
  } finally {
    await tunnel.close();
  }
}

/** Runs the docker command against a host's engine. */
export async function dockerCommand(session: HostSession, argv: readonly string[]): Promise<void> {
  if (session.screen.json) {
    throw new FairleadError("invalid", "docker prints what it prints", {
      path: "--json",
      hint: "Ask docker itself, as in fairlead docker -- ps --format json.",
    });
  }
  const declared = declaredHosts(session);
  const host = oneHost(session, Object.keys(declared));
  const tunnel = await opened(session, host, session.hostSpec(host, declared), undefined);
  try {
    const code = await run("docker", argv, { ...process.env, DOCKER_HOST: tunnel.dockerHost });
    if (code !== 0) throw new Exit(code);
  } finally {
    await tunnel.close();
  }
}

function oneHost(session: HostSession, known: readonly string[]): string {
  const named = session.options.host ?? [];
  const [only] = named.length > 0 ? named : known;
  if (only !== undefined && (named.length === 1 || (named.length === 0 && known.length === 1))) {
    return only;
  }
  throw new FairleadError("invalid", "docker needs one host", {
    hint: `Add --host with one of ${known.join(", ")}.`,
  });
}

async function opened(
  session: HostSession,
  host: string,
  spec: HostSpec,
  socketPath: string | undefined,
): Promise<Tunnel> {
  await session.presentEngine(host, spec);
  return session.hosts.tunnel(host, spec, {
    socketPath,
    onError: (error) => session.screen.warn(`${host}: ${error.message}`),
  });
}

/** The exit code of a program that has this terminal; 128 and the signal when one ended it. */
function run(program: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...argv], { env, stdio: "inherit" });
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") return reject(error);
      const hint = "Install Docker's command line client, or use fairlead tunnel with another one.";
      reject(new FairleadError("not_found", `no ${program} command on this machine`, { hint }));
    });
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
