// The patterns of COPY and ADD: filepath.Match of Go for the sources, and the patterns of
// .dockerignore for --exclude. Pure.
import { FairleadError } from "../../resources/model/errors.ts";
import { Glob, type GlobStep } from "./dockerfile/glob.ts";

export function hasWildcard(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/** One component of a path as Go's filepath.Match takes it. */
export function matcher(pattern: string): (name: string) => boolean {
  const glob = new Glob(stepsOf(pattern));
  return (name) => glob.matches(name);
}

/** Whether a path (no leading slash) is excluded by one of the patterns, as .dockerignore says. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  // The same as for a name, only that each step takes a whole name instead of a character.
  const globs = patterns.map((pattern) => {
    const parts = pattern
      .replace(/^\/+/, "")
      .replace(/(?<!\/)\/+$/, "")
      .split("/");
    return new Glob(parts.map((part) => (part === "**" ? ANY_FOLDERS : nameStep(part))));
  });
  return (path) => {
    const names = path.split("/");
    // What stands below a folder that is excluded is so too: a match may end before the path does.
    return globs.some((glob) => glob.end(names, 0, false) !== undefined);
  };
}

const ANY_FOLDERS: GlobStep = { accepts: () => true, repeats: true };

function nameStep(part: string): GlobStep {
  return { accepts: matcher(part), repeats: false };
}

/** Longer than any name, and than any pattern of one that somebody writes. */
const LONGEST_PATTERN = 1_000;

function stepsOf(pattern: string): GlobStep[] {
  if (pattern.length > LONGEST_PATTERN) wrong(`${pattern.slice(0, 100)}…`);
  const steps: GlobStep[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === "*") steps.push({ accepts: isNoSlash, repeats: true });
    else if (char === "?") steps.push({ accepts: isNoSlash, repeats: false });
    else if (char === "\\") steps.push(just(pattern[++at] ?? wrong(pattern)));
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) wrong(pattern);
      steps.push(oneOf(pattern.slice(at + 1, end), pattern));
      at = end;
    } else steps.push(just(char));
  }
  return steps;
}

const isNoSlash = (char: string) => char !== "/";

function just(expected: string): GlobStep {
  return { accepts: (char) => char === expected, repeats: false };
}

/** `[a-z]` and `[^a-z]`. */
function oneOf(inner: string, pattern: string): GlobStep {
  const negated = inner.startsWith("^");
  const quoted = inner.slice(negated ? 1 : 0).replace(/[\\[\]^]/g, "\\$&");
  try {
    const expression = new RegExp(`[${negated ? "^" : ""}${quoted}]`, "u");
    return { accepts: (char) => expression.test(char), repeats: false };
  } catch {
    // A range that ends before it begins.
    return wrong(pattern);
  }
}

function wrong(pattern: string): never {
  throw new FairleadError("invalid", `syntax error in pattern ${JSON.stringify(pattern)}`);
}
