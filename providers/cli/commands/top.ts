// fairlead top: the processes in the project's containers.
import { printableLine } from "../../compose/document/printable.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const top: CommandDefinition = {
  name: "top",
  summary: "Show the processes in the project's containers.",
  args: SERVICES,
  example: "fairlead top web",
  async run(session, args) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { columns } = await import("../screen/screen.ts");
    const { screen, signal } = session;
    const { containers, engine } = await chosenContainers(session, wordsOf(args), false);
    const all = await Promise.all(
      containers.map(async (one) => {
        const found = await (await engine(one)).containers.processes(one.id, signal);
        return { host: one.host, service: one.service, container: one.name, ...found };
      }),
    );
    if (screen.json) {
      screen.value(
        all.map(({ Titles, Processes, ...who }) => ({
          ...who,
          processes: Processes.map((row) =>
            Object.fromEntries(Titles.map((title, at) => [title.toLowerCase(), row[at] ?? ""])),
          ),
        })),
      );
      return;
    }
    const [first] = all;
    if (first === undefined) return screen.note("No container runs.");
    const rows = all.flatMap(({ host, container, Processes }) =>
      Processes.map((row) => [host, container, ...row].map(printableLine)),
    );
    const lines = columns([["HOST", "CONTAINER", ...first.Titles], ...rows], screen.width);
    for (const [index, line] of lines.entries()) {
      screen.line(index === 0 ? screen.colors.bold(line) : line);
    }
  },
};
