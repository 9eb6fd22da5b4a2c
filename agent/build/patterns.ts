// The patterns of COPY and ADD: filepath.Match of Go for the sources, and the patterns of
// .dockerignore for --exclude. Pure.
import { FairleadError } from "../../resources/model/errors.ts";

export function hasWildcard(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/** One component of a path as Go's filepath.Match takes it. */
export function matcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(`^${sourceOf(pattern)}$`, "s");
  return (name) => expression.test(name);
}

/** Whether a path (no leading slash) is excluded by one of the patterns, as .dockerignore says. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const parts = pattern.replace(/^\/+|\/+$/g, "").split("/");
    const source = parts
      .map((part) => (part === "**" ? "(?:[^/]+/)*" : `${sourceOf(part)}/`))
      .join("");
    return new RegExp(`^${source}`, "s");
  });
  return (path) => expressions.some((expression) => expression.test(`${path}/`));
}

function sourceOf(pattern: string): string {
  let out = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === "*") out += "[^/]*";
    else if (char === "?") out += "[^/]";
    else if (char === "\\") out += quoted(pattern[++at] ?? wrong(pattern));
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) wrong(pattern);
      const inner = pattern.slice(at + 1, end);
      const negated = inner.startsWith("^");
      out += `[${negated ? "^" : ""}${inner.slice(negated ? 1 : 0).replace(/[\\[\]^]/g, "\\$&")}]`;
      at = end;
    } else out += quoted(char);
  }
  return out;
}

function wrong(pattern: string): never {
  throw new FairleadError("invalid", `syntax error in pattern ${JSON.stringify(pattern)}`);
}

function quoted(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
