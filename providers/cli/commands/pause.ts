// fairlead pause: freeze the project's containers: nothing in them runs.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const pause: CommandDefinition = {
  name: "pause",
  summary: "Freeze the project's containers: nothing in them runs.",
  args: SERVICES,
  example: "fairlead pause web",
  async run(session, args) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const chosen = await chosenContainers(session, wordsOf(args), true);
    const containers = chosen.containers.filter(({ state }) => state === "running");
    await onContainers(session, { ...chosen, containers }, "paused", (engine, { id }) =>
      engine.containers.pause(id, session.signal),
    );
  },
};
