// fairlead docker: the docker command against a host's engine.
import { type CommandDefinition, wordsOf } from "../session/definition.ts";

export const docker: CommandDefinition = {
  name: "docker",
  summary: "Run the docker command against a host's engine.",
  args: [["[arguments...]", "arguments of docker, after --"]],
  passThrough: true,
  example: "fairlead docker --host web-1 -- ps",
  async run(session, args) {
    const { dockerCommand } = await import("./tunnelling.ts");
    await dockerCommand(session, wordsOf(args));
  },
};
