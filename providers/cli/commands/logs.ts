// fairlead logs: what the project's containers wrote, from every host.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const logs: CommandDefinition = {
  name: "logs",
  summary: "Show what the project's containers wrote.",
  args: SERVICES,
  options: [
    ["-f, --follow", "go on as they write"],
    ["-n, --tail <lines>", "only the last lines of each container (default: all)"],
    ["--since <time>", "only after a time, or a time ago such as 10m"],
    ["--until <time>", "only before a time, or a time ago such as 10m"],
    ["-t, --timestamps", "with the time of each line"],
    ["--no-log-prefix", "without the container's name before each line"],
  ],
  without: ["-f"],
  example: "fairlead logs -f --since 10m web",
  async run(session, args, flags) {
    const { logsCommand } = await import("./log-lines.ts");
    await logsCommand(session, wordsOf(args), flags);
  },
};
