// Dockerfiles that are made to keep the agent busy: each is read or refused in a moment. Every one
// of them took minutes when it was read as small ones are.
import { expect, test } from "vitest";
import { readDockerfile } from "../../../../agent/build/dockerfile/stages.ts";

const read = (text: string) => readDockerfile(text, new Map(), new Map()).stages;

test("lines that go on a hundred thousand times are one", () => {
  const parts = Array.from({ length: 100_000 }, (_, index) => `a${index} \\\n`).join("");
  const [stage] = read(`FROM a\nRUN echo ${parts}end`);
  expect(stage?.instructions).toHaveLength(1);
  expect(stage?.instructions[0]?.text).toMatch(/^echo a0 a1 .* a99999 end$/);
});

test("a directive's value is read up to its last word", () => {
  const blanks = " ".repeat(500_000);
  expect(() => read(`# escape=a${blanks}b\nFROM a`)).toThrow(/the escape directive is "a +b"/);
});

test.each([
  ["instructions", `FROM a\n${"ENV A=1\n".repeat(4_000)}`, "more than 4000 instructions"],
  ["flags", `FROM a\nRUN ${"--mount=type=tmpfs,target=/a ".repeat(30_000)}true`, "1000 flags"],
])("too many %s are refused", (_what, text, reason) => {
  expect(() => read(text)).toThrow(reason);
});
