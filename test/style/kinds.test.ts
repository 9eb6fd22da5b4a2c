// The registry of kinds: one more of them is a folder and a line, which holds only as long as
// nothing else asks whether an object is of one kind or another.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS } from "../../resources/kinds/registry.ts";

const sources = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "resources/", "providers/", "agent/"],
  { encoding: "utf8" },
)
  .split("\n")
  .filter((file) => file.endsWith(".ts"));

/** Where a kind is itself, and where a front end says what one of its own is made of. */
const OWN: Record<string, string> = {
  "resources/kinds/": "the kinds themselves",
  "providers/compose/resources.ts": "which service a container is of, and what it waits for",
  "providers/engine/targets/": "what images are, found out before a plan is made",
};

const names = KINDS.map(({ kind }) => kind).join("|");
const COMPARED = new RegExp(
  `\\bkind\\b\\)?\\s*[!=]==?\\s*"(${names})"|"(${names})"\\s*[!=]==?\\s*[\\w.]*\\bkind\\b`,
);
/** A kind that is written into the address of any object: `${host}/container/${name}`. */
const ADDRESSED = new RegExp(`(addressOf|placeOf)\\([^)]*kind: "(${names})"|\\}/(${names})/\\$\\{`);
const CASE = new RegExp(`^\\s*case "(${names})":`);

test("no code outside of a kind compares with its name", () => {
  const found = sources
    .filter((file) => !Object.keys(OWN).some((place) => file.startsWith(place)))
    .flatMap((file) => comparisons(file, readFileSync(file, "utf8").split("\n")));
  expect(found, "ask the kind's entry (resources/plan/kind.ts) instead").toEqual([]);
});

test("no address is made with the name of a kind", () => {
  const found = sources
    .filter((file) => !file.startsWith("resources/kinds/"))
    .filter((file) => ADDRESSED.test(readFileSync(file, "utf8")));
  expect(found, "a dependency or a gate has a kind (dependedOn in resource.ts)").toEqual([]);
});

test("each place that may compare still is one", () => {
  const empty = Object.keys(OWN).filter((place) => {
    const files = sources.filter((file) => file.startsWith(place));
    return !files.some((file) => readFileSync(file, "utf8").split("\n").some(isComparison));
  });
  expect(empty).toEqual([]);
});

function comparisons(file: string, lines: readonly string[]): string[] {
  const switched = (at: number) => {
    const last = lines.slice(0, at).findLast((line) => /\bswitch \(/.test(line));
    return last !== undefined && /\bkind\)/.test(last);
  };
  return lines.flatMap((line, at) =>
    isComparison(line) || (CASE.test(line) && switched(at)) ? [`${file}:${at + 1}`] : [],
  );
}

function isComparison(line: string): boolean {
  return COMPARED.test(line) && !/^\s*(\/\/|\*)/.test(line);
}
