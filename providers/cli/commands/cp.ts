// fairlead cp: copies files between this machine and a service's container.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { CommandDefinition } from "../session/definition.ts";

export const cp: CommandDefinition = {
  name: "cp",
  summary: "Copy files between this machine and a container: SERVICE:PATH, or - for a tar stream.",
  args: [
    ["<source>", "PATH, SERVICE:PATH or -"],
    ["<target>", "PATH, SERVICE:PATH or -"],
  ],
  options: [
    ["-a, --archive", "keep owners"],
    ["-L, --follow-link", "copy what a link here leads to"],
    ["--index <number>", "which container of the service (default: the first one; in: all)"],
  ],
  example: "fairlead cp web:/var/log/app.log .",
  async run(session, args, flags) {
    const { copyIn, copyOut, placeOf } = await import("./copying.ts");
    const { chosenContainers } = await import("./on-containers.ts");
    const { oneContainer } = await import("./project-containers.ts");
    const [source, target] = args.map((arg) => placeOf(String(arg)));
    const inside = source?.service ?? target?.service;
    if (!source || !target || inside === undefined || (source.service && target.service)) {
      throw new FairleadError("invalid", "cp is between this machine and one service", {
        hint: "As in fairlead cp web:/etc/hosts . or fairlead cp ./page.html web:/srv/",
      });
    }
    const chosen = await chosenContainers(session, [inside], true);
    const index = flags.index === undefined ? undefined : Number(flags.index);
    const { signal } = session;
    const one = oneContainer(chosen.containers, inside, index);
    if (source.service !== undefined) {
      await copyOut(await chosen.engine(one), one, source.path, target.path, signal);
      return;
    }
    const all = index === undefined ? chosen.containers : [one];
    for (const each of all) {
      const options = {
        archive: flags.archive === true,
        follow: flags.followLink === true,
        signal,
      };
      await copyIn(await chosen.engine(each), each, source.path, target.path, options);
    }
  },
};
