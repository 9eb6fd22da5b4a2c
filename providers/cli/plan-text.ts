// A plan as a person reads it: each host with what happens on it, then the counts.
import type { FieldChange, Printable } from "../../resources/model/change.ts";
import { formatBytes, formatDuration } from "../../resources/model/units.ts";
import { countPlan, type Operation, type Plan } from "../../resources/plan/operation.ts";
import { printableLine } from "../compose/document/printable.ts";
import { type Colors, columns } from "./screen.ts";

const MARKS: Readonly<Record<Operation["action"], string>> = {
  pull: "+",
  deliver: "+",
  create: "+",
  adopt: "~",
  update: "~",
  replace: "±",
  start: "~",
  restart: "~",
  stop: "-",
  remove: "-",
};
/** Fields whose numbers are milliseconds or bytes. */
const DURATIONS = /(^healthcheck\.(interval|timeout|start\w+)|GracePeriod|settle|Timeout)$/;
const SIZES = /^(memory\w*|shmSize|mounts\..*\.size)$/;
/** Longer values are cut. */
const SHOWN = 60;

/** The lines of a plan; `pending` says whether it is only a plan so far. */
export function planLines(plan: Plan, colors: Colors, pending: boolean): string[] {
  const lines: string[] = [];
  for (const host of plan.hosts) {
    const operations = plan.operations.filter((operation) => operation.host === host.name);
    const orphans = plan.orphans.filter((orphan) => orphan.host === host.name);
    if (operations.length === 0 && orphans.length === 0 && host.upgrade === undefined) continue;
    const engine = engineText(host);
    const name = colors.bold(printableLine(host.name));
    lines.push(`${name}   ${printableLine(host.address)}   ${colors.dim(engine)}`);
    const rows = operations.map((operation) => operationRow(operation));
    const padded = columns(rows);
    for (const [index, operation] of operations.entries()) {
      lines.push(`  ${tinted(operation.action, padded[index] ?? "", colors)}`);
    }
    for (const { kind, name } of orphans) {
      const text = `- ${kind} ${printableLine(name)}   orphan, kept (--remove-orphans removes it)`;
      lines.push(`  ${colors.dim(text)}`);
    }
  }
  for (const note of plan.notes) lines.push(`${colors.yellow("note:")} ${printableLine(note)}`);
  lines.push(summary(plan, pending));
  return lines;
}

function engineText({ engine, version, upgrade }: Plan["hosts"][number]): string {
  const name = engine === "fairlead" ? "agent" : engine;
  if (upgrade !== undefined && version !== "") {
    const next = version === upgrade ? "another build of it" : upgrade;
    return `${name} ${printableLine(version)} -> ${next}, containers keep running`;
  }
  if (version === "") return upgrade === undefined ? name : `${name} ${upgrade}, to be installed`;
  return `${name} ${printableLine(version)}`;
}

function operationRow(operation: Operation): string[] {
  const { action, kind, name, changes, cause, order } = operation;
  const fields = changes.map(changeText).join(", ");
  const detail = fields === "" ? printableLine(cause) : fields;
  const first = order === undefined ? "" : `   ${order.first}-first, ${printableLine(order.cause)}`;
  return [`${MARKS[action]} ${kind}`, printableLine(name), action, `${detail}${first}`];
}

/** `cpus 1 -> 2`, with what someone changed by hand marked as such. */
function changeText(change: FieldChange): string {
  const drift = change.cause === "drift" ? " (changed on the host)" : "";
  const text = (value: Printable) => valueText(inUnits(change.field, value));
  const from = change.from === undefined ? "" : ` ${text(change.from)}`;
  const to = change.to === undefined ? " -> nothing" : ` -> ${text(change.to)}`;
  return `${printableLine(change.field)}${from}${to}${drift}`;
}

/** As a person writes it: `1m30s`, `512m`. */
function inUnits(field: string, value: Printable): Printable {
  if (typeof value !== "number" || value < 0) return value;
  if (DURATIONS.test(field)) return formatDuration(value);
  return SIZES.test(field) ? formatBytes(value) : value;
}

function valueText(value: Printable): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const short = /^(?:sha256:|secret:)[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 15)}…` : text;
  return printableLine(short.length > SHOWN ? `${short.slice(0, SHOWN)}…` : short);
}

function tinted(action: Operation["action"], text: string, colors: Colors): string {
  switch (MARKS[action]) {
    case "+":
      return colors.green(text);
    case "-":
      return colors.red(text);
    case "±":
      return colors.magenta(text);
    default:
      return colors.yellow(text);
  }
}

function summary(plan: Plan, pending: boolean): string {
  const upgrades = plan.hosts.filter((host) => host.upgrade !== undefined).length;
  const counts = countPlan(plan);
  const parts = (["create", "update", "replace", "remove"] as const)
    .filter((key) => counts[key] > 0)
    .map((key) => `${counts[key]} to ${key}`);
  if (parts.length === 0) {
    return upgrades === 0 ? "No changes: everything is as declared." : "No changes to containers.";
  }
  const tail = pending ? " Nothing has been changed yet." : "";
  return `Plan: ${parts.join(", ")}.${tail}`;
}
