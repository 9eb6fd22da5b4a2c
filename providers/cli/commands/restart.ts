// fairlead restart: stops and starts containers as they are.
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";
import { secondsOf } from "../session/session.ts";

export const restart: CommandDefinition = {
  name: "restart",
  summary: "Stop and start the project's containers, as they are.",
  args: SERVICES,
  options: [
    ["-t, --timeout <seconds>", "time to end before they are killed"],
    ["--no-deps", "leave what depends on them alone, as it is anyway"],
  ],
  example: "fairlead restart web",
  async run(session, args, flags) {
    const { chosenContainers, onContainers } = await import("./on-containers.ts");
    const timeout = secondsOf(flags.timeout, "--timeout");
    const chosen = await chosenContainers(session, wordsOf(args), true);
    await onContainers(session, chosen, "restarted", async (engine, container, waits) => {
      const { id, state } = container;
      if (state === "running") await chosen.hooks(container, "preStop");
      await waits(() => engine.containers.restart(id, { timeout, signal: session.signal }));
      await chosen.hooks(container, "postStart");
    });
  },
};
