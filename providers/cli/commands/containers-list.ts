// Lists the containers of the project, on every host: for fairlead ps.

import { printableLine } from "../../compose/document/printable.ts";
import { type Row, type RowTemplate, rowTemplate } from "../screen/row-template.ts";
import { columns, type Screen } from "../screen/screen.ts";
import { type HostSession, unknownService } from "../session/host-session.ts";
import { type ProjectContainer, projectContainers } from "./project-containers.ts";

export interface PsFlags {
  all?: boolean;
  quiet?: boolean;
  services?: boolean;
  status?: string[];
  /** `table`, `json`, or a template of fields. */
  format?: string;
}

export async function listContainers(
  session: HostSession,
  services: readonly string[],
  flags: PsFlags,
): Promise<void> {
  const template = templateOf(flags.format);
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
  const rows = shown.map((one) => rowOf(one, project.name));
  if (template.isTable) printTable(screen, [template.headings, ...rows.map(template.cells)]);
  else for (const row of rows) screen.line(template.cells(row).join(""));
}

const TABLE = ["Host", "Name", "Service", "Image", "Status", "Ports"];
const FIELDS = [...TABLE, "Names", "ID", "Project", "State", "Health"];

function templateOf(format = "table"): RowTemplate {
  const isNamed = format === "table" || format === "json";
  const all = TABLE.map((field) => `{{.${field}}}`).join("\t");
  return rowTemplate(isNamed ? `table ${all}` : format, FIELDS);
}

/** The fields that templates know by Compose's names; nothing in them can steer a terminal. */
function rowOf(one: ProjectContainer, project: string): Row {
  const { host, name, service, image, status, ports, id, state } = one;
  const [, health = ""] = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status) ?? [];
  const shown = {
    ...{ Host: host, Name: name, Service: service, Image: image, Status: status },
    ...{ Ports: ports.join(", "), Names: name, ID: id, Project: project },
    ...{ State: state, Health: health },
  };
  return Object.fromEntries(Object.entries(shown).map(([key, text]) => [key, printableLine(text)]));
}

function printTable(screen: Screen, rows: readonly string[][]): void {
  for (const [index, line] of columns(rows, screen.width).entries()) {
    screen.line(index === 0 ? screen.colors.bold(line) : line);
  }
}
