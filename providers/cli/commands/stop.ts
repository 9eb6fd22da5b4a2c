// fairlead stop: stops containers and keeps them.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";
import { secondsOf } from "../session/session.ts";

export const stop: CommandDefinition = {
  name: "stop",
  summary: "Stop the project's containers, and keep them.",
  args: SERVICES,
  options: [["-t, --timeout <seconds>", "time to end before they are killed"]],
  example: "fairlead stop -t 30 worker",
  async run(session, args, flags) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const timeout = secondsOf(flags.timeout, "--timeout");
    const chosen = await chosenContainers(session, wordsOf(args), false);
    await onContainers(session, chosen, "stopped", async (engine, container, waits) => {
      const { id, state } = container;
      if (state === "running") await chosen.hooks(container, "preStop");
      await waits(() => engine.containers.stop(id, { timeout, signal: session.signal }));
    });
  },
};
