// fairlead port: where a port of a service is published.

import { FairleadError } from "../../../resources/model/errors.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { CommandDefinition } from "../session/definition.ts";

export const port: CommandDefinition = {
  name: "port",
  summary: "Print where a service's port is published.",
  args: [
    ["<service>", "service"],
    ["<port>", "port inside the container"],
  ],
  options: [
    ["--protocol <name>", "tcp or udp (default: tcp)"],
    ["--index <number>", "which container of the service (default: the first one)"],
  ],
  example: "fairlead port web 80",
  async run(session, args, flags) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { oneContainer } = await import("./project-containers.ts");
    const [service = "", wanted = ""] = args.map(String);
    const { containers } = await chosenContainers(session, [service], false);
    const index = flags.index === undefined ? undefined : Number(flags.index);
    const { host, ports } = oneContainer(containers, service, index);
    const inside = `${wanted.split("/")[0]}/${flags.protocol ?? wanted.split("/")[1] ?? "tcp"}`;
    const found = ports.flatMap((text) => {
      const [outside, target] = text.split("->");
      return target === inside && outside !== undefined ? [outside] : [];
    });
    const { screen } = session;
    if (found.length === 0) {
      throw new FairleadError("not_found", `${service} publishes no port for ${inside}`, {
        hint: "fairlead ps shows which ports are published.",
      });
    }
    if (screen.json) screen.value(found.map((published) => ({ host, service, published })));
    else for (const published of found) screen.line(printableLine(published));
  },
};
