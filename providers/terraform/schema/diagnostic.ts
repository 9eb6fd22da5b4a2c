// What Terraform shows a person: a summary, a detail, and where. Made from our errors.
import {
  placeWithin,
  type Shape,
  type ShapedKind,
  shapeOf,
} from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration, type Problem } from "../../../resources/model/problem.ts";
import type { Evidence } from "../../engine/report/progress.ts";
import { type ToolWords, wordingOf } from "../../engine/report/wording.ts";
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
  if (error instanceof InvalidDeclaration) return error.problems.map((one) => ofProblem(one));
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
export function ofProblem({ path, message, hint }: Problem, kind?: ShapedKind): Diagnostic {
  const { kind: stated = kind, inner } = placeWithin(path);
  const field = /^[A-Za-z0-9]+/.exec(inner)?.[0];
  const said = inTerraformWords(message);
  const place = attributePath(inner, stated);
  const summary = inner === "" ? said : `${place}: ${said}`;
  const detail = hint === undefined ? "" : inTerraformWords(hint);
  return problem(summary, detail, field === undefined ? undefined : snakeCase(field));
}

const WORDS: ToolWords = {
  acceptNewHostKey: "set accept_new_host_key in the provider block",
  uninstall: "`npx fairlead host uninstall $1` and let an apply bring",
  inUse: "remove them, or `npx fairlead host uninstall --force` removes them with the agent",
  up: "an apply",
  runAgain: "apply again",
  logs: "the data source fairlead_container_logs of $1",
  profiles: "Add to profiles one of",
  projectName: "as name, or name: in the file",
  files: "name one in files",
};

const inTerraformWords = wordingOf(
  WORDS,
  (kind, field) => (kind === "host" ? "connect." : "") + snakeCase(field),
);

/** A sentence about a Compose file, whose fields keep their names. */
export const aboutFile = wordingOf(WORDS);

// Keys of maps stay as they are written: only the names of fields have another form here.
function attributePath(path: string, kind: ShapedKind | undefined): string {
  const fields = kind && { kind: "object" as const, fields: shapeOf(kind) };
  let shape: Shape | undefined = fields;
  return path.replace(/\[[^\]]*\]|[^.[\]]+/g, (part) => {
    const inside =
      shape?.kind === "object" ? shape.fields.find(({ name }) => name === part) : shape;
    const isKey = shape?.kind === "map" || shape?.kind === "list";
    // What is before a kind's fields, such as `connect`, is not one of them.
    shape = isKey ? (inside as { of: Shape }).of : ((inside as { shape?: Shape })?.shape ?? fields);
    return isKey ? part : snakeCase(part);
  });
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
