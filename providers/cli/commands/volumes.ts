// fairlead volumes: the volumes of the project.
import { PROJECT_LABEL } from "../../../resources/wire.ts";
import { printableLine } from "../../compose/document/printable.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const volumes: CommandDefinition = {
  name: "volumes",
  summary: "List the project's volumes on all hosts.",
  args: SERVICES,
  options: [["-q, --quiet", "only their names"]],
  example: "fairlead volumes",
  async run(session, args, flags) {
    const { columns } = await import("../screen/screen.ts");
    const { screen, signal } = session;
    const services = wordsOf(args);
    const { project, stack } = session.load(services);
    const used = new Set(
      services.flatMap((name) =>
        (project.model.services[name]?.volumes ?? []).flatMap(({ source }) =>
          source === undefined ? [] : (project.model.volumes?.[source]?.name ?? source),
        ),
      ),
    );
    const hosts = session.chosen(Object.keys(stack.hosts));
    const lists = await Promise.all(
      hosts.map(async (host) => {
        const engine = await session.engine(host, stack.hosts[host]!);
        const labels = [`${PROJECT_LABEL}=${project.name}`];
        const found = await engine.volumes.list({ labels, signal });
        return found.map(({ Name, Driver }) => ({ host, name: Name, driver: Driver }));
      }),
    );
    const shown = lists.flat().filter(({ name }) => services.length === 0 || used.has(name));
    if (screen.json) return screen.value(shown);
    if (flags.quiet === true) {
      for (const { name } of shown) screen.line(printableLine(name));
      return;
    }
    const rows = shown.map(({ host, name, driver }) => [host, name, driver].map(printableLine));
    for (const line of columns([["HOST", "NAME", "DRIVER"], ...rows])) screen.line(line);
  },
};
