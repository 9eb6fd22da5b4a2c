// What an apply tells, as single lines: for logs and CI, and what the live display leaves behind.
import type { Operation } from "../../../resources/plan/operation.ts";
import { printable, printableLine } from "../../compose/document/printable.ts";
import type { ProgressEvent } from "../../engine/report/progress.ts";
import { evidenceLines } from "./failure.ts";
import type { Colors } from "./screen.ts";

const DONE: Readonly<Record<Operation["action"], string>> = {
  pull: "pulled",
  deliver: "delivered",
  build: "built",
  create: "created",
  adopt: "adopted",
  update: "updated",
  replace: "replaced",
  start: "started",
  restart: "restarted",
  signal: "signalled",
  verify: "is well",
  stop: "stopped",
  remove: "removed",
};

/** The service that a container belongs to, by the container's name in the plan. */
export type ServiceOf = (name: string) => string;

/** `web-1 container web`. */
export function subjectText({ host, kind, name }: Operation): string {
  return printableLine(`${host} ${kind} ${name}`);
}

/** The lines of an event; none for those that only matter while they last. */
export function eventLines(event: ProgressEvent, colors: Colors, serviceOf: ServiceOf): string[] {
  const subject = subjectText(event.operation);
  switch (event.type) {
    case "started":
    case "step":
      return [];
    case "finished": {
      const done = DONE[event.operation.action];
      return [`${colors.green("✔")} ${subject} ${done} ${colors.dim(seconds(event.elapsedMs))}`];
    }
    case "skipped":
      return [`${colors.dim("-")} ${subject} skipped: ${printableLine(event.reason)}`];
    case "rolledBack":
      return [`${colors.yellow("↺")} ${subject} ${printableLine(event.message)}`];
    case "failed": {
      const { operation, message, hint, evidence } = event;
      return [
        `${colors.red("✘")} ${subject} ${operation.action} failed: ${printable(message)}`,
        ...(evidence === undefined ? [] : evidenceLines(evidence)).map((line) => `    ${line}`),
        ...(hint === undefined ? [] : [`    ${printable(hintText(hint, operation, serviceOf))}`]),
      ];
    }
  }
}

/** A hint to look at a container with docker, as a command of ours that can be run here. */
function hintText(hint: string, { host, name }: Operation, serviceOf: ServiceOf): string {
  const service = serviceOf(name);
  return hint
    .replace(/\bdocker logs \S+/g, `fairlead logs --host ${host} ${service}`)
    .replace(/\bdocker (?=inspect|rm|ps)/g, `fairlead docker --host ${host} -- `);
}

/** How far a long step is: `12 of 40 MB`, or its text. */
export function stepText(event: Extract<ProgressEvent, { type: "step" }>): string {
  const { doneBytes, totalBytes, text, subject } = event;
  const amount =
    doneBytes === undefined
      ? ""
      : totalBytes === undefined
        ? ` ${megabytes(doneBytes)} MB`
        : ` ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
  return printableLine(`${subject} ${text}${amount}`).trimEnd();
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}
