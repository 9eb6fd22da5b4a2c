// fairlead kill: sends a signal to containers.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const kill: CommandDefinition = {
  name: "kill",
  summary: "Send a signal to the project's containers.",
  args: SERVICES,
  options: [["-s, --signal <name>", "which one (default: SIGKILL)"]],
  example: "fairlead kill -s HUP proxy",
  async run(session, args, flags) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const name = typeof flags.signal === "string" ? flags.signal : "SIGKILL";
    const chosen = await chosenContainers(session, wordsOf(args), false);
    await onContainers(session, chosen, `got ${name}`, (engine, { id }) =>
      engine.containers.kill(id, name, session.signal),
    );
  },
};
