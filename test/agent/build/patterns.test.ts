// Patterns of COPY's sources and of --exclude, by the rules of Go's filepath.Match and of
// .dockerignore. Patterns that would keep a regular expression busy for ever are answered too.
import { describe, expect, test } from "vitest";
import { excluder, matcher } from "../../../agent/build/patterns.ts";

describe("a component of a source", () => {
  test.each<[pattern: string, fits: string[], not: string[]]>([
    ["*", ["a", "ab"], []],
    ["a*c", ["ac", "abc"], ["abcd", "ab"]],
    ["a?c", ["abc", "a\u{1F600}c"], ["ac", "abbc"]],
    ["[a-c]x", ["ax", "cx"], ["dx", "x"]],
    ["[^a-c]x", ["dx"], ["ax"]],
    ["a\\*", ["a*"], ["ab"]],
    ["a.b", ["a.b"], ["axb"]],
    [`${"*a".repeat(30)}b`, [`${"a".repeat(200)}b`], ["a".repeat(255)]],
  ])("%s", (pattern, fits, not) => {
    const isMatch = matcher(pattern);
    expect(fits.filter((name) => !isMatch(name))).toEqual([]);
    expect(not.filter(isMatch)).toEqual([]);
  });

  test.each(["a[", "a\\", "[z-a]", "a".repeat(1_001)])("refuses %s", (pattern) => {
    expect(() => matcher(pattern)("a")).toThrow("syntax error in pattern");
  });
});

describe("what --exclude leaves out", () => {
  test.each<[pattern: string, out: string[], kept: string[]]>([
    ["a", ["a", "a/b"], ["b/a", "ab"]],
    ["*.md", ["x.md", "x.md/y"], ["d/x.md"]],
    ["**/*.md", ["x.md", "d/x.md", "d/e/x.md"], ["x.mdx"]],
    ["a/**/b", ["a/b", "a/c/b", "a/c/d/b/e"], ["a", "b"]],
    ["/a/", ["a/b"], ["b"]],
    ["**", ["a", "a/b"], []],
    [`${"**/".repeat(20)}x`, ["a/b/x"], ["a/".repeat(200)]],
  ])("%s", (pattern, out, kept) => {
    const isOut = excluder([pattern]);
    expect(out.filter((path) => !isOut(path))).toEqual([]);
    expect(kept.filter(isOut)).toEqual([]);
  });
});
