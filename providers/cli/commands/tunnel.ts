// fairlead tunnel: a local Docker socket that leads to a host's engine.
import type { CommandDefinition } from "../session/definition.ts";
import { HOST } from "./host.ts";

export const tunnel: CommandDefinition = {
  name: "tunnel",
  summary: "Open a local Docker socket that leads to a host's engine, until Ctrl-C.",
  args: HOST,
  options: [["--socket <path>", "where to listen (default: in a new private folder)"]],
  example: "fairlead tunnel web-1",
  async run(session, args, flags) {
    const { tunnelCommand } = await import("./tunnelling.ts");
    await tunnelCommand(session, String(args[0]), flags);
  },
};
