// Processes whose streams lead here: a container's first one, and commands that run in it.
import type { Duplex } from "node:stream";
import type { AttachOptions, Command, Executing, Joined } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { framesOf, rawOf } from "./frames.ts";
import { containerPath } from "./path.ts";

/** Joins a container's first process. */
export async function attach(
  client: DockerClient,
  id: string,
  { stdin, tty, signal }: AttachOptions,
): Promise<Joined> {
  const path = containerPath(id);
  const stream = await client.hijack({
    ...{ method: "POST", path: `${path}/attach`, signal },
    query: { stream: true, stdin, stdout: true, stderr: true },
  });
  return joined(client, stream, path, tty);
}

/** Runs a command in a container. */
export async function execute(
  client: DockerClient,
  id: string,
  command: Command,
  signal?: AbortSignal,
): Promise<Executing> {
  const path = await created(client, id, command, signal);
  const tty = command.tty === true;
  const body = { Detach: false, Tty: tty };
  const stream = await client.hijack({ method: "POST", path: `${path}/start`, body, signal });
  return {
    ...joined(client, stream, path, tty),
    async exitCode() {
      const { ExitCode } = await client.json<{ ExitCode?: number | null }>({
        ...{ method: "GET", path: `${path}/json`, signal },
      });
      return ExitCode ?? 1;
    },
  };
}

/** Runs a command in a container and leaves it alone. */
export async function execDetached(
  client: DockerClient,
  id: string,
  command: Command,
  signal?: AbortSignal,
): Promise<void> {
  const path = await created(client, id, command, signal);
  const body = { Detach: true, Tty: command.tty === true };
  await client.json({ method: "POST", path: `${path}/start`, body, signal });
}

async function created(
  client: DockerClient,
  id: string,
  command: Command,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { argv, stdin = false, tty = false, user, workdir, env, privileged } = command;
  const body = {
    ...{ Cmd: argv, AttachStdin: stdin, AttachStdout: true, AttachStderr: true, Tty: tty },
    ...(user !== undefined && { User: user }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...(env && { Env: env }),
    ...(privileged && { Privileged: true }),
  };
  const { Id } = await client.json<{ Id: string }>({
    ...{ method: "POST", path: containerPath(id, "/exec"), body, signal },
  });
  return `/exec/${encodeURIComponent(Id)}`;
}

function joined(client: DockerClient, stream: Duplex, path: string, tty: boolean): Joined {
  return {
    input: stream,
    output: tty ? rawOf(stream) : framesOf(stream),
    async resize(rows, columns) {
      const query = { h: rows, w: columns };
      await client.json({ method: "POST", path: `${path}/resize`, query }).catch(() => {});
    },
    leave() {
      // The process has ended, but our side for its input is still open.
      stream.on("error", () => {});
      stream.destroy();
    },
  };
}
