// What is wrong, as Pulumi shows it: a property path and a sentence; and the text of an error with
// all the evidence there is.
import { placeWithin } from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration, type Problem } from "../../../resources/model/problem.ts";
import type { Evidence } from "../../engine/report/progress.ts";
import { type ToolWords, wordingOf } from "../../engine/report/wording.ts";

export type ProblemPath = (string | number)[];

export interface Failure {
  property: string;
  reason: string;
}

/** `ports[0].target` as its parts; the inverse of how problems name places. */
export function pathParts(path: string): ProblemPath {
  const parts = path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g);
  return [...parts].map(([, index, quoted, name]) => {
    return index === undefined ? (quoted ?? name ?? "") : Number(index);
  });
}

/** `ports[0].target`; keys that are no plain names are quoted, as Pulumi's paths are. */
export function pathText(parts: ProblemPath): string {
  return parts.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Everything an error says: every problem, the hint, and what the host shows of the failure. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof InvalidDeclaration) return error.problems.map(problemText).join("\n");
  const { message } = error;
  const said = [error instanceof FairleadError ? inPulumiWords(message) : message];
  const { evidence } = error as { evidence?: Evidence };
  if (evidence) said.push(...evidenceLines(evidence));
  if (error instanceof FairleadError && error.hint) said.push(inPulumiWords(error.hint));
  return said.join("\n");
}

// In a stack of one resource its place says nothing; the property does.
function problemText({ path, message, hint }: Problem): string {
  const { inner: property } = placeWithin(path);
  const said = (property === "" ? "" : `${property}: `) + inPulumiWords(message);
  return hint === undefined ? said : `${said}\n${inPulumiWords(hint)}`;
}

const WORDS: ToolWords = {
  acceptNewHostKey: "set fairlead:acceptNewHostKey to true",
  uninstall: "`npx fairlead host uninstall $1` and let pulumi up bring",
  inUse: "remove them, or `npx fairlead host uninstall --force` removes them with the agent",
  up: "pulumi up",
  runAgain: "run pulumi up again",
  logs: "the function getContainerLogs of $1",
  profiles: "Add to profiles one of",
  projectName: "as projectName, or name: in the file",
  files: "name one in files",
};

const inPulumiWords = wordingOf(
  WORDS,
  (kind, field) => (kind === "host" ? "connection." : "") + field,
);

function evidenceLines(evidence: Evidence): string[] {
  const { exitCode, oomKilled, error, health, logLines } = evidence;
  return [
    ...(exitCode === undefined ? [] : [`  exit code: ${exitCode}`]),
    ...(oomKilled ? ["  it ran out of memory"] : []),
    ...(error ? [`  the engine says: ${error}`] : []),
    ...(health ? [`  health: ${health.status}, ${health.failingStreak} failures in a row`] : []),
    ...(health?.output ? [`  last probe: ${health.output}`] : []),
    ...(logLines?.length ? ["  last log lines:", ...logLines.map((line) => `    ${line}`)] : []),
  ];
}
