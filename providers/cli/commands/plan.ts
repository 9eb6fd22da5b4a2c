// fairlead plan: what differs between the declaration and the hosts; changes nothing.
import { type CommandDefinition, SERVICES_AND_NEEDS, wordsOf } from "../session/definition.ts";
import { REMOVE_ORPHANS } from "./options.ts";

export const plan: CommandDefinition = {
  name: "plan",
  summary: "Show what differs between the Compose file and the hosts; change nothing.",
  args: SERVICES_AND_NEEDS,
  options: [
    REMOVE_ORPHANS,
    ["--force-recreate", "replace containers even when nothing differs"],
    ["--detailed-exitcode", "exit with 0 for no changes, 2 for changes, 1 for an error"],
  ],
  example: "fairlead plan --detailed-exitcode",
  async run(session, args, flags) {
    const { planCommand } = await import("./planning.ts");
    await planCommand(session, wordsOf(args), flags);
  },
};
