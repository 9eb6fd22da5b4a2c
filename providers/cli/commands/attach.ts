// fairlead attach: this terminal for a container's first process.
import type { CommandDefinition } from "../session/definition.ts";

export const attach: CommandDefinition = {
  name: "attach",
  summary: "Join this terminal to a service's container: its output, and input with stdin_open.",
  args: [["<service>", "service"]],
  options: [
    ["--index <number>", "which container of the service (default: the first one)"],
    ["--no-stdin", "only its output"],
  ],
  example: "fairlead attach web",
  async run(session, args, flags) {
    const { chosenContainers } = await import("./on-containers.ts");
    const { oneContainer } = await import("./project-containers.ts");
    const { joined } = await import("./joined.ts");
    const service = String(args[0]);
    const { containers } = await chosenContainers(session, [service], false);
    const index = flags.index === undefined ? undefined : Number(flags.index);
    const one = oneContainer(containers, service, index);
    const { stack } = session.load();
    const engine = await session.engine(one.host, stack.hosts[one.host]!);
    const stdin = flags.stdin !== false;
    await joined(session, engine, one.id, { stdin, exitsWithIt: true });
  },
};
