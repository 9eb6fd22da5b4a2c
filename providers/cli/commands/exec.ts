// fairlead exec: runs a command in a running container.
import { type CommandDefinition, wordsOf } from "../session/definition.ts";

export const exec: CommandDefinition = {
  name: "exec",
  summary: "Run a command in a running container of a service.",
  args: [
    ["<service>", "service"],
    ["<command...>", "program and its arguments"],
  ],
  passThrough: true,
  options: [
    ["-i, --interactive", "pass standard input on"],
    ["-t, --tty", "give the command a terminal"],
    ["-T, --no-tty", "no terminal, as it is anyway"],
    ["-d, --detach", "return at once"],
    ["-u, --user <user>", "user to run as"],
    ["-w, --workdir <path>", "working directory"],
    ["-e, --env <KEY=VALUE>", "environment variable; several times", "list"],
    ["--privileged", "with all capabilities"],
    ["--index <number>", "which container of the service (default: the first one)"],
  ],
  example: "fairlead exec -it web sh",
  async run(session, args, flags) {
    const { execCommand } = await import("./executing.ts");
    await execCommand(session, String(args[0]), wordsOf(args, 1), flags);
  },
};
