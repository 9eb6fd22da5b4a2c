// fairlead ps: the containers of the project, on every host.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const ps: CommandDefinition = {
  name: "ps",
  summary: "List the project's containers on all hosts.",
  args: SERVICES,
  options: [
    ["-a, --all", "also those that do not run"],
    ["-q, --quiet", "only their ids"],
    ["--services", "only the names of their services"],
    ["--status <state>", "only those in a state, such as running; several times", "list"],
    ["--format <format>", "table, json, or fields such as 'table {{.Name}}\\t{{.State}}'"],
  ],
  example: "fairlead ps --all --format json",
  async run(session, args, flags) {
    const { listContainers } = await import("./containers-list.ts");
    await listContainers(session, wordsOf(args), flags);
  },
};
