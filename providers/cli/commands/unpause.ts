// fairlead unpause: let frozen containers go on.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const unpause: CommandDefinition = {
  name: "unpause",
  summary: "Let frozen containers go on.",
  args: SERVICES,
  example: "fairlead unpause web",
  async run(session, args) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const chosen = await chosenContainers(session, wordsOf(args), true);
    const containers = chosen.containers.filter(({ state }) => state === "paused");
    await onContainers(session, { ...chosen, containers }, "goes on", (engine, { id }) =>
      engine.containers.unpause(id, session.signal),
    );
  },
};
