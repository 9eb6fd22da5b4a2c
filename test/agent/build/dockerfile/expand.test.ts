// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles.
// What variables of a Dockerfile become; bash is the reference for the forms that both have. Texts
// that are made to keep the agent busy, or to fill its memory, are refused at once.
import { expect, test } from "vitest";
import { expandWord } from "../../../../agent/build/dockerfile/expand.ts";

const variables = new Map([
  ["A", "aXbXcX"],
  ["B", "x.y.z"],
  ["LONG", "a".repeat(30_000)],
  ["HALF", "a".repeat(600_000)],
]);
const expand = (text: string) => expandWord(text, variables, "\\");

test.each([
  ["${A#*X}", "bXcX"],
  ["${A##*X}", ""],
  ["${A%X*}", "aXbXc"],
  ["${A%%X*}", "a"],
  ["${A#q}", "aXbXcX"],
  ["${A%q}", "aXbXcX"],
  ["${A%%*}", ""],
  ["${A#*}", "aXbXcX"],
  ["${B%.*}", "x.y"],
  ["${B##*.}", "z"],
  ["${A/X/-}", "a-bXcX"],
  ["${A//X/-}", "a-b-c-"],
  ["${A//?X/}", ""],
  ["${A/*X/}", ""],
  ["${A/b*/!}", "aX!"],
  ["${NONE:-${B%%.*}}-$A", "x-aXbXcX"],
])("%s becomes what bash makes of it", (text, expected) => {
  expect(expand(text)).toBe(expected);
});

const LONG = "it becomes longer than 1 MiB";
const BUSY = "the pattern takes too long to match";
test.each([
  ["a pattern of many stars off the end", `\${LONG%%b${"*a".repeat(500)}}`, BUSY],
  ["a pattern of many stars off the beginning", `\${LONG##${"*a".repeat(500)}b}`, BUSY],
  ["a pattern of many stars anywhere", `\${LONG//${"*a".repeat(20)}b/}`, BUSY],
  ["a text that is inserted everywhere", "${LONG//a/$LONG}", LONG],
  ["variables beside each other", "$HALF$HALF$HALF", LONG],
  ["variables beside each other in quotes", '"$HALF$HALF$HALF"', LONG],
  [
    "variables in each other",
    `${"${A:-".repeat(200_000)}x${"}".repeat(200_000)}`,
    "more than 100 variables in each other",
  ],
])("%s is refused, in few words", (_what, text, reason) => {
  const refused = () => expand(text);
  expect(refused).toThrow(reason);
  expect(refused).toThrow(/^.{1,300}$/);
});
