// Problems found in Compose files: collected while loading goes on, then raised together.
import { FairleadError } from "../../../resources/model/errors.ts";
import { type Node, type Path, pathText, type Source } from "./node.ts";
import { printable } from "./printable.ts";

/** One thing wrong, where it stands, and what to do about it. */
export interface Problem {
  at: Source | undefined;
  path: string;
  message: string;
  hint?: string;
}

/** At most this many are shown; the rest are counted. */
const SHOWN = 50;

export class Problems {
  readonly found: Problem[] = [];
  readonly warnings: string[] = [];
  readonly #known = new Set<string>();

  add(node: Node | Source | undefined, path: Path, message: string, hint?: string): void {
    const source = node !== undefined && "kind" in node ? (node.keyAt ?? node.at) : node;
    const at = source && { file: source.file, line: source.line, column: source.column };
    const text = pathText(path);
    const known = JSON.stringify([text, message, at?.line]);
    if (this.#known.has(known)) return;
    this.#known.add(known);
    this.found.push({ at, path: text, message, ...(hint === undefined ? {} : { hint }) });
  }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }

  /** Raises everything found so far as one error; does nothing when there is nothing. */
  raise(): void {
    if (this.found.length > 0) throw new ComposeError(this.found);
  }
}

/** All problems of the given files in one error; `problems` has them one by one. */
export class ComposeError extends FairleadError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = [...problems].sort(byPlace);
    const lines = sorted.slice(0, SHOWN).map(problemText);
    const more = sorted.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    const first = sorted[0];
    super("invalid", lines.join("\n"), { path: first?.path });
    this.problems = sorted;
  }
}

/** `compose.yaml:3:5: services.web.imag: …`, safe to print on a terminal. */
export function problemText(problem: Problem): string {
  const { at } = problem;
  const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  const path = problem.path === "" ? "" : `${problem.path}: `;
  const hint = problem.hint === undefined ? "" : `\n    ${problem.hint}`;
  return printable(`${place}${path}${problem.message}${hint}`);
}

function byPlace(a: Problem, b: Problem): number {
  const files = (a.at?.file ?? "").localeCompare(b.at?.file ?? "");
  if (files !== 0) return files;
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
