// A plan as a person reads it: each host with what happens on it, then the counts.
import { isKind, type Kind } from "../../../resources/kinds/registry.ts";
import { countPlan, type Operation, type Plan } from "../../../resources/plan/operation.ts";
import { printableLine } from "../../compose/document/printable.ts";
import { engineTitle } from "../../engine/engines/registry.ts";
import { changeTexts, fileTexts } from "./change-text.ts";
import { type Colors, columns, wrapped } from "./screen.ts";

const MARKS: Readonly<Record<Operation["action"], string>> = {
  pull: "+",
  deliver: "+",
  build: "+",
  create: "+",
  adopt: "~",
  update: "~",
  replace: "±",
  start: "~",
  restart: "~",
  signal: "~",
  verify: "!",
  stop: "-",
  remove: "-",
};
const INDENT = "  ";
/** Without a width no line is wrapped. */
const UNBOUNDED = Number.POSITIVE_INFINITY;

/**
 * The lines of a plan, no longer than `width` where words allow it; `pending` says whether it is
 * only a plan so far.
 */
export function planLines(
  plan: Plan,
  colors: Colors,
  pending: boolean,
  width = UNBOUNDED,
): string[] {
  const lines: string[] = [];
  for (const host of plan.hosts) {
    const operations = plan.operations.filter((operation) => operation.host === host.name);
    const orphans = plan.orphans.filter((orphan) => orphan.host === host.name);
    if (operations.length === 0 && orphans.length === 0 && host.upgrade === undefined) continue;
    const engine = engineText(host);
    const name = colors.bold(printableLine(host.name));
    const address = printableLine(host.address);
    const length = [printableLine(host.name), address, engine].join("   ").length;
    if (length <= width) lines.push(`${name}   ${address}   ${colors.dim(engine)}`);
    else lines.push(`${name}   ${address}`, `    ${colors.dim(engine)}`);
    const rows = operations.map(operationRow);
    for (const [index, text] of columns(rows, width - INDENT.length).entries()) {
      const { action } = operations[index]!;
      lines.push(...text.split("\n").map((line) => `${INDENT}${tinted(action, line, colors)}`));
    }
    for (const { kind, name } of orphans) {
      const text = `- ${kind} ${printableLine(name)}   orphan, kept (--remove-orphans removes it)`;
      lines.push(...wrapped(text, width - INDENT.length, 4).map((l) => INDENT + colors.dim(l)));
    }
  }
  for (const note of plan.notes) {
    const [first = "", ...more] = wrapped(`note: ${printableLine(note)}`, width, 6);
    lines.push(first.replace(/^note:/, colors.yellow("note:")), ...more);
  }
  lines.push(...wrapped(summary(plan, pending), width, 0));
  return lines;
}

function engineText({ engine, version, upgrade }: Plan["hosts"][number]): string {
  const name = engineTitle(engine);
  if (upgrade !== undefined && version !== "") {
    const next = version === upgrade ? "another build of it" : upgrade;
    return `${name} ${printableLine(version)} -> ${next}, containers keep running`;
  }
  if (version === "") return upgrade === undefined ? name : `${name} ${upgrade}, to be installed`;
  return `${name} ${printableLine(version)}`;
}

function operationRow(operation: Operation): string[] {
  const { action, kind, name, changes, cause, order } = operation;
  const fields = isKind(kind) ? changeTexts(changes, kind as Kind) : fileTexts(changes);
  const detail = fields.length === 0 ? printableLine(cause) : fields.join(", ");
  const first = order === undefined ? "" : `; ${order.first}-first, ${printableLine(order.cause)}`;
  return [`${MARKS[action]} ${kind}`, printableLine(name), action, `${detail}${first}`];
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
  const parts = (["create", "update", "replace", "remove", "verify"] as const)
    .filter((key) => counts[key] > 0)
    .map((key) => `${counts[key]} to ${key}`);
  if (parts.length === 0) {
    return upgrades === 0 ? "No changes: everything is as declared." : "No changes to containers.";
  }
  const tail = pending ? " Nothing has been changed yet." : "";
  return `Plan: ${parts.join(", ")}.${tail}`;
}
