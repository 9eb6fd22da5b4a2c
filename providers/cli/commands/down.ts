// fairlead down: takes the project's containers and networks away.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";
import { REMOVE_ORPHANS, STOP_TIMEOUT } from "./options.ts";

export const down: CommandDefinition = {
  name: "down",
  summary: "Stop and remove the project's containers and networks. Volumes stay.",
  args: SERVICES,
  options: [
    REMOVE_ORPHANS,
    ["-v, --volumes", "remove the project's volumes and files and their data too"],
    ["--rmi <which>", "remove images: all, or local ones that were made from files here"],
    STOP_TIMEOUT,
    ["-y, --yes", "do not ask"],
    ["--dry-run", "show the plan and change nothing"],
  ],
  example: "fairlead down --volumes --rmi local",
  async run(session, args, flags) {
    const { downCommand } = await import("./up-and-down.ts");
    await downCommand(session, wordsOf(args), flags);
  },
};
