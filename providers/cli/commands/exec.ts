// fairlead exec: runs a command in a running container of a service, and takes over its exit code.
import { spawnSync } from "node:child_process";
import type { Duplex } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { framesOf } from "../../engine/docker-api/frames.ts";
import type { HttpEngine } from "../../engine/docker-api/http-engine.ts";
import { Exit } from "../failure.ts";
import { type HostSession, unknownService } from "../host-session.ts";
import { tame } from "../screen.ts";
import { oneContainer, projectContainers } from "./project-containers.ts";

export interface ExecFlags {
  interactive?: boolean;
  tty?: boolean;
  user?: string;
  workdir?: string;
  env?: string[];
  privileged?: boolean;
  index?: string;
  detach?: boolean;
}

/** With --json the output is kept up to this size. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

export async function execCommand(
  session: HostSession,
  service: string,
  argv: readonly string[],
  flags: ExecFlags,
): Promise<void> {
  if (flags.tty && flags.detach !== true && process.stdin.isTTY !== true) {
    throw new FairleadError("invalid", "--tty needs a terminal", { hint: "Leave out -t." });
  }
  const { project, stack } = session.load();
  const containers = await projectContainers(session, project.name, stack.hosts, false);
  const known = Object.keys(project.model.services);
  if (!known.includes(service) && !containers.some((one) => one.service === service)) {
    throw unknownService(service, known);
  }
  const number = flags.index === undefined ? undefined : Number(flags.index);
  const container = oneContainer(containers, service, number);
  const engine = await session.directEngine(container.host, stack.hosts[container.host]!);
  const created = await engine.json<{ Id: string }>({
    method: "POST",
    path: `/containers/${encodeURIComponent(container.id)}/exec`,
    body: execBody(argv, flags),
    signal: session.signal,
  });
  const path = `/exec/${encodeURIComponent(created.Id)}`;
  if (flags.detach) {
    const body = { Detach: true, Tty: flags.tty === true };
    await engine.json({ method: "POST", path: `${path}/start`, body, signal: session.signal });
    return;
  }
  const { stream } = await engine.hijack({
    method: "POST",
    path: `${path}/start`,
    body: { Detach: false, Tty: flags.tty === true },
    signal: session.signal,
  });
  const kept = await (flags.tty
    ? terminal(stream, engine, path)
    : piped(stream, flags, session)
  ).finally(() => leave(stream));
  const { ExitCode } = await engine.json<{ ExitCode?: number | null }>({
    method: "GET",
    path: `${path}/json`,
    signal: session.signal,
  });
  const code = ExitCode ?? 1;
  if (session.screen.json) session.screen.value({ exitCode: code, ...kept });
  if (code !== 0) throw new Exit(code);
}

function execBody(argv: readonly string[], flags: ExecFlags) {
  return {
    Cmd: argv,
    AttachStdin: flags.interactive === true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: flags.tty === true,
    ...(flags.user !== undefined && { User: flags.user }),
    ...(flags.workdir !== undefined && { WorkingDir: flags.workdir }),
    ...(flags.env && { Env: flags.env }),
    ...(flags.privileged && { Privileged: true }),
  };
}

/** The command has ended, but our side for its input is still open. */
export function leave(stream: Duplex): void {
  stream.on("error", () => {});
  stream.destroy();
}

/** Joins this terminal to the command's: keys go there at once, and its size follows ours. */
export async function terminal(stream: Duplex, engine: HttpEngine, path: string): Promise<object> {
  const { stdin, stdout } = process;
  const resize = () => {
    const query = { h: stdout.rows ?? 24, w: stdout.columns ?? 80 };
    // The command may have ended by now.
    engine.json({ method: "POST", path: `${path}/resize`, query }).catch(() => {});
  };
  stdin.setRawMode(true);
  // libuv's raw mode still makes \r\n of each \n, which the command's terminal has done already.
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  stdout.on("resize", resize);
  resize();
  stdin.pipe(stream);
  try {
    for await (const chunk of stream) stdout.write(chunk);
  } finally {
    stdout.off("resize", resize);
    stdin.unpipe(stream);
    stdin.setRawMode(false);
    stdin.pause();
  }
  return {};
}

/** Output of a terminal has no frames. */
async function* rawOf(stream: Duplex) {
  for await (const chunk of stream) yield { from: "stdout" as const, bytes: chunk as Buffer };
}

/** Passes the streams on as they are; with --json keeps them. */
export async function piped(
  stream: Duplex,
  flags: Pick<ExecFlags, "interactive">,
  session: HostSession,
  isRaw = false,
): Promise<object> {
  const { screen } = session;
  if (flags.interactive) process.stdin.pipe(stream);
  else stream.end();
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  for await (const { from, bytes } of isRaw ? rawOf(stream) : framesOf(stream)) {
    const name = from === "stderr" ? "stderr" : "stdout";
    if (screen.json) {
      size += bytes.length;
      if (size <= MAX_KEPT_BYTES) kept[name].push(bytes);
      continue;
    }
    const target = screen[name];
    const flushed = target.write(target.isTTY ? tame(bytes.toString("utf8")) : bytes);
    if (!flushed) await new Promise((resolve) => target.once("drain", resolve));
  }
  if (flags.interactive) {
    process.stdin.unpipe(stream);
    process.stdin.pause();
  }
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
  return {
    stdout: text(kept.stdout),
    stderr: text(kept.stderr),
    ...(size > MAX_KEPT_BYTES && { truncated: true }),
  };
}
