// fairlead images: the images that the project's containers run.
import { formatBytes } from "../../../resources/model/units.ts";
import { printableLine } from "../../compose/document/printable.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const images: CommandDefinition = {
  name: "images",
  summary: "List the images that the project's containers run.",
  args: SERVICES,
  options: [["-q, --quiet", "only their ids"]],
  example: "fairlead images",
  async run(session, args, flags) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { columns } = await import("../screen/screen.ts");
    const { screen, signal } = session;
    const { containers, engine } = await chosenContainers(session, wordsOf(args), true);
    const found = await Promise.all(
      containers.map(async (one) => {
        const host = await engine(one);
        const seen = await host.containers.inspect(one.id, signal);
        const { Id = "", Size = 0 } = await host.images.inspect(seen.Image ?? "", signal);
        return { host: one.host, container: one.name, image: one.image, id: Id, sizeBytes: Size };
      }),
    );
    if (screen.json) return screen.value(found);
    if (flags.quiet === true) {
      for (const id of new Set(found.map((one) => one.id))) screen.line(printableLine(id));
      return;
    }
    const rows = found.map(({ host, container, image, id, sizeBytes }) =>
      [host, container, image, id.slice(0, 19), formatBytes(sizeBytes)].map(printableLine),
    );
    const head = ["HOST", "CONTAINER", "IMAGE", "ID", "SIZE"];
    for (const line of columns([head, ...rows], screen.width)) screen.line(line);
  },
};
