// Lists the containers of the project, on every host: for fairlead ps.

import { printableLine } from "../../compose/document/printable.ts";
import { columns } from "../screen/screen.ts";
import { type HostSession, unknownService } from "../session/host-session.ts";
import { projectContainers } from "./project-containers.ts";

export interface PsFlags {
  all?: boolean;
  quiet?: boolean;
  services?: boolean;
  status?: string[];
  format?: string;
}

export async function listContainers(
  session: HostSession,
  services: readonly string[],
  flags: PsFlags,
): Promise<void> {
  const { project, stack } = session.load();
  const known = Object.keys(project.model.services);
  const found = await projectContainers(
    session,
    project.name,
    stack.hosts,
    flags.all === true || flags.status !== undefined,
  );
  for (const name of services) {
    if (!known.includes(name) && !found.some((one) => one.service === name)) {
      throw unknownService(name, known);
    }
  }
  const shown = found
    .filter(({ service }) => services.length === 0 || services.includes(service))
    .filter(({ state }) => flags.status === undefined || flags.status.includes(state));
  const { screen } = session;
  if (flags.services) {
    for (const name of new Set(shown.map((one) => one.service))) screen.line(printableLine(name));
    return;
  }
  if (screen.json || flags.format === "json") return screen.value(shown);
  if (flags.quiet) {
    for (const { id } of shown) screen.line(printableLine(id));
    return;
  }
  const rows = shown.map(({ host, name, service, image, status, ports }) =>
    [host, name, service, image, status, ports.join(", ")].map(printableLine),
  );
  const lines = columns(
    [["HOST", "NAME", "SERVICE", "IMAGE", "STATUS", "PORTS"], ...rows],
    screen.width,
  );
  for (const [index, line] of lines.entries()) {
    screen.line(index === 0 ? screen.colors.bold(line) : line);
  }
}
