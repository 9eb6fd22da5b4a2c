// What Terraform shows a person: a summary, a detail, and where. Made from our errors.
import { type ShapedKind, typeOf } from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration, type Problem } from "../../../resources/model/problem.ts";
import type { Evidence } from "../../engine/report/progress.ts";
import { Severity } from "../protocol/messages.ts";
import { snakeCase } from "./attribute.ts";

export interface Diagnostic {
  severity: number;
  summary: string;
  detail: string;
  attribute?: { steps: { attribute_name: string }[] };
}

/** An error that stops what Terraform asked for. */
export function problem(summary: string, detail = "", attribute?: string): Diagnostic {
  return { severity: Severity.error, summary, detail, ...at(attribute) };
}

/** Something a person should know that stops nothing. */
export function warning(summary: string, detail = "", attribute?: string): Diagnostic {
  return { severity: Severity.warning, summary, detail, ...at(attribute) };
}

/** Any error as diagnostics; a declaration's problems one by one, each at its attribute. */
export function diagnosticsOf(error: unknown): Diagnostic[] {
  if (error instanceof InvalidDeclaration) return error.problems.map(ofProblem);
  if (error instanceof FairleadError) {
    const { evidence } = error as { evidence?: Evidence };
    const hint = error.hint && inTerraformWords(error.hint);
    const parts = [hint, evidence && evidenceText(evidence)].filter(Boolean);
    return [problem(inTerraformWords(error.message), parts.join("\n\n"))];
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    return [problem("The time for this operation is over", "Raise it in timeouts.")];
  }
  if (error instanceof Error && error.name === "AbortError") return [problem("Interrupted")];
  const detail = error instanceof Error ? (error.stack ?? "") : "";
  return [problem(error instanceof Error ? error.message : String(error), detail)];
}

/** A problem at the attribute that its path begins with, after `containers.NAME.`. */
export function ofProblem({ path, message, hint }: Problem): Diagnostic {
  const inner = path.replace(/^(image|network|volume|container|host)s\.[^.[]*\.?/, "");
  const field = /^[A-Za-z0-9]+/.exec(inner)?.[0];
  const summary = inner === "" ? message : `${snakePath(inner)}: ${message}`;
  return problem(summary, hint ?? "", field === undefined ? undefined : snakeCase(field));
}

// Errors of the engine name fields and options of the command; these are their names here.
function inTerraformWords(text: string): string {
  return OWN_WORDS.reduce((said, [theirs, ours]) => said.replaceAll(theirs, ours), text);
}

const OWN_WORDS: [RegExp, string][] = [
  [/run again with --accept-new-host-key/g, "set accept_new_host_key in the provider block"],
  [/\bfairlead up\b/g, "an apply"],
  [/--accept-new-host-key/g, "accept_new_host_key in the provider block"],
  [/\b(docker|fairlead) logs (\S+)/g, "the data source fairlead_container_logs of $2"],
  ...inFields("host", "connect."),
  ...inFields("container", ""),
];

function inFields(kind: ShapedKind, place: string): [RegExp, string][] {
  const names = Object.keys(typeOf(kind).shape).filter((name) => /[A-Z]/.test(name));
  return names.map((name) => [new RegExp(`\\b${name}\\b`, "g"), `${place}${snakeCase(name)}`]);
}

function snakePath(path: string): string {
  const [first = "", ...rest] = path.split(/(?=[.[])/);
  return [snakeCase(first), ...rest].join("");
}

function at(attribute: string | undefined) {
  return attribute === undefined ? {} : { attribute: { steps: [{ attribute_name: attribute }] } };
}

function evidenceText({ exitCode, oomKilled, error, logLines, health }: Evidence): string {
  const lines = [
    ...(exitCode === undefined
      ? []
      : [`exit code ${exitCode}${oomKilled ? ", out of memory" : ""}`]),
    ...(error ? [error] : []),
    ...(health ? [`health: ${health.status}, ${health.output}`] : []),
    ...(logLines?.length ? ["last log lines:", ...logLines.map((line) => `  ${line}`)] : []),
  ];
  return lines.join("\n");
}
