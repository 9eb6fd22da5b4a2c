// fairlead wait: until containers have ended, with their exit codes.
import { type CommandDefinition, wordsOf } from "../session/definition.ts";

export const wait: CommandDefinition = {
  name: "wait",
  summary: "Wait until containers of services end; exit with the first code that is not 0.",
  args: [["<services...>", "services to wait for"]],
  options: [["--down-project", "take the project down when the first of them has ended"]],
  example: "fairlead wait migrate",
  async run(session, args, flags) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { Exit } = await import("../screen/failure.ts");
    const { signal, screen } = session;
    const { containers, engine } = await chosenContainers(session, wordsOf(args), true);
    const ends = containers.map(async (one) => {
      const { containers: all } = await engine(one);
      const exitCode = await all.wait(one.id, "not-running", signal);
      const { host, service, name } = one;
      if (!screen.json) screen.line(`${service} ${name} ended with exit code ${exitCode}`);
      return { host, service, container: name, exitCode };
    });
    const first = flags.downProject === true && ends.length > 0 ? [await Promise.race(ends)] : [];
    const results = first.length > 0 ? first : await Promise.all(ends);
    if (screen.json) screen.value(results);
    if (first.length > 0) {
      const { downCommand } = await import("./up-and-down.ts");
      await downCommand(session, [], { yes: true });
    }
    const bad = results.find(({ exitCode }) => exitCode !== 0);
    if (bad !== undefined) throw new Exit(bad.exitCode);
  },
};
