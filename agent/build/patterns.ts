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

type Part = "any folders" | ((name: string) => boolean);

/** Whether a path (no leading slash) is excluded by one of the patterns, as .dockerignore says. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map((pattern) =>
    pattern
      .replace(/^\/+/, "")
      .replace(/(?<!\/)\/+$/, "")
      .split("/")
      .map((part): Part => (part === "**" ? "any folders" : matcher(part))),
  );
  return (path) => {
    const names = path.split("/");
    return all.some((parts) => startsWith(names, parts));
  };
}

/** Whether a pattern takes a path or a folder above it. */
function startsWith(names: readonly string[], parts: readonly Part[]): boolean {
  let places = reached(parts, new Set([0]));
  for (const name of names) {
    if (places.has(parts.length)) return true;
    const next = new Set<number>();
    for (const place of places) {
      const part = parts[place];
      if (part === "any folders") next.add(place);
      else if (part?.(name)) next.add(place + 1);
    }
    places = reached(parts, next);
  }
  return places.has(parts.length);
}

// Any folders may be none.
function reached(parts: readonly Part[], places: Set<number>): Set<number> {
  for (const place of places) if (parts[place] === "any folders") places.add(place + 1);
  return places;
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
