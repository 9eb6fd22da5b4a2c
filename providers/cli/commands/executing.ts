// fairlead exec: runs a command in a running container of a service, and takes over its exit code.
import { spawnSync } from "node:child_process";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Command, Joined } from "../../engine/engine.ts";
import { Exit } from "../screen/failure.ts";
import { sanitize } from "../screen/screen.ts";
import { type HostSession, unknownService } from "../session/host-session.ts";
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
  const { containers: all } = await session.engine(container.host, stack.hosts[container.host]!);
  const command = commandOf(argv, flags);
  if (flags.detach) return all.execDetached(container.id, command, session.signal);
  const executing = await all.exec(container.id, command, session.signal);
  const kept = await (flags.tty ? terminal(executing) : piped(executing, flags, session)).finally(
    () => executing.leave(),
  );
  const code = await executing.exitCode();
  if (session.screen.json) session.screen.value({ exitCode: code, ...kept });
  if (code !== 0) throw new Exit(code);
}

function commandOf(argv: readonly string[], flags: ExecFlags): Command {
  const { interactive, tty, user, workdir, env, privileged } = flags;
  return {
    ...{ argv, stdin: interactive === true, tty: tty === true, user, workdir, env },
    privileged: privileged === true,
  };
}

/** Joins this terminal to the command's: keys go there at once, and its size follows ours. */
export async function terminal(joined: Joined): Promise<object> {
  const { stdin, stdout } = process;
  const { input, output } = joined;
  const resize = () => joined.resize(stdout.rows ?? 24, stdout.columns ?? 80);
  stdin.setRawMode(true);
  // libuv's raw mode still makes \r\n of each \n, which the command's terminal has done already.
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  stdout.on("resize", resize);
  resize();
  stdin.pipe(input);
  try {
    for await (const { bytes } of output) stdout.write(bytes);
  } finally {
    stdout.off("resize", resize);
    stdin.unpipe(input);
    stdin.setRawMode(false);
    stdin.pause();
  }
  return {};
}

/** Passes the streams on as they are; with --json keeps them. */
export async function piped(
  { input, output }: Joined,
  flags: Pick<ExecFlags, "interactive">,
  session: HostSession,
): Promise<object> {
  const { screen } = session;
  if (flags.interactive) process.stdin.pipe(input);
  else input.end();
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  for await (const { from, bytes } of output) {
    const name = from === "stderr" ? "stderr" : "stdout";
    if (screen.json) {
      size += bytes.length;
      if (size <= MAX_KEPT_BYTES) kept[name].push(bytes);
      continue;
    }
    const target = screen[name];
    const flushed = target.write(target.isTTY ? sanitize(bytes.toString("utf8")) : bytes);
    if (!flushed) await new Promise((resolve) => target.once("drain", resolve));
  }
  if (flags.interactive) {
    process.stdin.unpipe(input);
    process.stdin.pause();
  }
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
  return {
    stdout: text(kept.stdout),
    stderr: text(kept.stderr),
    ...(size > MAX_KEPT_BYTES && { truncated: true }),
  };
}
