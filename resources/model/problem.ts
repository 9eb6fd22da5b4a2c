// Everything that is wrong with a declaration, each with its path, reported at once.
import { FairleadError } from "./errors.ts";

export interface Problem {
  /** Where, as in `containers.web.ports[0].published`. */
  path: string;
  message: string;
  hint?: string | undefined;
}

/** One error for all problems of a declaration. */
export class InvalidDeclaration extends FairleadError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], code: "invalid" | "conflict" = "invalid") {
    super(code, problems.map(formatProblem).join("\n"), {
      path: problems[0]?.path,
      hint: problems.length === 1 ? problems[0]?.hint : undefined,
    });
    this.problems = problems;
  }
}

/** Joins keys and indexes as JavaScript would write them. */
export function joinPath(...parts: (string | number)[]): string {
  return parts.reduce<string>((path, part) => {
    if (typeof part === "number") return `${path}[${part}]`;
    if (!/^[\w./-]+$/.test(part)) return `${path}[${JSON.stringify(part)}]`;
    return path === "" ? part : `${path}.${part}`;
  }, "");
}

function formatProblem({ path, message }: Problem): string {
  return path === "" ? message : `${path}: ${message}`;
}
