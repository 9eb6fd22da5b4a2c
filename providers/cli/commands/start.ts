// fairlead start: starts the containers that exist and do not run.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const start: CommandDefinition = {
  name: "start",
  summary: "Start the project's containers that have stopped.",
  args: SERVICES,
  example: "fairlead start web",
  async run(session, args) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const chosen = await chosenContainers(session, wordsOf(args), true);
    await onContainers(session, chosen, "started", async (engine, container) => {
      const { id, state } = container;
      if (state === "paused") return "is paused; fairlead unpause lets it go on";
      await engine.containers.start(id, session.signal);
      if (state !== "running") await chosen.hooks(container, "postStart");
    });
  },
};
