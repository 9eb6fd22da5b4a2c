// fairlead events: what happens to the project's containers, as it happens.
import { PROJECT_LABEL } from "../../../resources/wire.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { EngineEvent } from "../../engine/engine.ts";
import { type CommandDefinition, SERVICES, wordsOf } from "../session/definition.ts";

export const events: CommandDefinition = {
  name: "events",
  summary: "Show what happens to the project's containers, until Ctrl-C.",
  args: SERVICES,
  options: [
    ["--since <time>", "also what happened since a time, or a time ago such as 10m"],
    ["--until <time>", "end at a time"],
  ],
  example: "fairlead events --json web",
  async run(session, args, flags) {
    const { moment } = await import("./log-lines.ts");
    const { screen, signal } = session;
    const services = wordsOf(args);
    const { project, stack } = session.load(services);
    const at = (value: unknown, option: string) =>
      typeof value === "string" ? moment(value, option) : undefined;
    const range = { since: at(flags.since, "--since"), until: at(flags.until, "--until"), signal };
    const show = (host: string, { Type = "", Action = "", time = 0, Actor }: EngineEvent) => {
      const of = Actor?.Attributes ?? {};
      const service = of["com.docker.compose.service"] ?? "";
      if (services.length > 0 && !services.includes(service)) return;
      const when = new Date(time * 1000).toISOString();
      const value = { time: when, host, type: Type, action: Action, service, name: of.name ?? "" };
      if (screen.json) screen.stdout.write(`${JSON.stringify(value)}\n`);
      else screen.line(printableLine(`${when} ${host} ${Type} ${of.name ?? ""} ${Action}`));
    };
    const hosts = session.chosen(Object.keys(stack.hosts));
    await Promise.all(
      hosts.map(async (host) => {
        const engine = await session.engine(host, stack.hosts[host]!);
        const happening = await engine.events(`${PROJECT_LABEL}=${project.name}`, range);
        for await (const event of happening) show(host, event);
      }),
    );
  },
};
