// fairlead rm: removes containers that have stopped.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const rm: CommandDefinition = {
  name: "rm",
  summary: "Remove the project's containers that have stopped.",
  args: SERVICES,
  without: ["-f"],
  options: [
    ["-f, --force", "do not ask"],
    ["-y, --yes", "do not ask"],
    ["-s, --stop", "stop those that run first"],
    ["-v, --volumes", "remove their anonymous volumes too"],
  ],
  example: "fairlead rm --stop --force worker",
  async run(session, args, flags) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const { confirmed } = await import("../screen/question.ts");
    const { Exit } = await import("../screen/failure.ts");
    const { signal, screen } = session;
    const chosen = await chosenContainers(session, wordsOf(args), true);
    const containers = chosen.containers.filter(
      ({ state }) => flags.stop === true || !["running", "paused", "restarting"].includes(state),
    );
    if (containers.length === 0) return screen.note("No stopped containers.");
    const names = containers.map(({ name }) => name).join(", ");
    const isSure = flags.force === true || flags.yes === true;
    if (!isSure && !(await confirmed(screen, `Remove ${names}?`, signal))) throw new Exit(1);
    const volumes = flags.volumes === true;
    await onContainers(
      session,
      { ...chosen, containers },
      "removed",
      async (engine, container, waits) => {
        const { id, state } = container;
        if (flags.stop === true && state === "running") await chosen.hooks(container, "preStop");
        if (flags.stop === true) await waits(() => engine.containers.stop(id, { signal }));
        await engine.containers.remove(id, { volumes, signal });
      },
    );
  },
};
