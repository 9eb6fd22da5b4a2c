// fairlead ls: the projects on the hosts.
import { printableLine } from "../../compose/document/printable.ts";
import type { CommandDefinition } from "../session/definition.ts";

export const ls: CommandDefinition = {
  name: "ls",
  summary: "List the projects on the hosts, of other Compose files too.",
  options: [
    ["-a, --all", "also those of which nothing runs"],
    ["-q, --quiet", "only their names"],
  ],
  example: "fairlead ls --all",
  async run(session, _args, flags) {
    const { declaredHosts } = await import("./hosts.ts");
    const { labelledContainers } = await import("./project-containers.ts");
    const { columns } = await import("../screen/screen.ts");
    const { screen } = session;
    const hosts = declaredHosts(session);
    const found = await labelledContainers(session, hosts, "com.docker.compose.project");
    const projects = new Map<string, { name: string; host: string; states: string[] }>();
    for (const { host, project, state } of found) {
      const key = `${project} ${host}`;
      const known = projects.get(key) ?? { name: project, host, states: [] };
      known.states.push(state);
      projects.set(key, known);
    }
    const rows = [...projects.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, host, states }) => ({ name, host, status: statusOf(states) }))
      .filter(({ status }) => flags.all === true || status.includes("running"));
    if (screen.json) return screen.value(rows);
    if (flags.quiet === true) {
      for (const name of new Set(rows.map((row) => row.name))) screen.line(printableLine(name));
      return;
    }
    const cells = rows.map(({ name, host, status }) => [name, host, status].map(printableLine));
    for (const line of columns([["NAME", "HOST", "STATUS"], ...cells])) screen.line(line);
  },
};

/** `running(2), exited(1)`, as Compose words it. */
function statusOf(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${state}(${count})`).join(", ");
}
