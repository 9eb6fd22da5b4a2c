// fairlead create: everything that up makes, with containers that are not started.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const create: CommandDefinition = {
  name: "create",
  summary: "Make the containers of services, with all they need, and do not start them.",
  args: SERVICES,
  options: [
    ["-y, --yes", "do not ask"],
    ["--pull <policy>", "when images are fetched: always, missing or never"],
    ["--build", "build images also when nothing they are built from has changed"],
    ["--no-build", "build no image; one that is missing is missed"],
    ["--remove-orphans", "remove containers of the project that are no longer declared"],
  ],
  example: "fairlead create worker",
  async run(session, args, flags) {
    const { upCommand } = await import("./up-and-down.ts");
    await upCommand(session, wordsOf(args), { ...flags, start: false });
  },
};
