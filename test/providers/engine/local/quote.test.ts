import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { commandLine } from "../../../../providers/engine/transport/quote.ts";

const HOSTILE = [
  "plain",
  "",
  "two words",
  "$(touch /tmp/pwned)",
  "`id`",
  "it's",
  'say "hi"',
  "back\\slash",
  "trailing\\",
  "'\\''",
  "; rm -rf /",
  "a && b || c | d & e",
  "*?[a-z]{1,2}~",
  "line\nbreak",
  "tab\there",
  "!history !!",
  "#comment",
  "--option=$HOME",
  "-n",
  "\x1b[31mred\x07",
  "ünïcödé 🚢",
  "%s%n",
  "<in >out",
  "(sub) {group}",
];
const SHELLS = ["/bin/sh", "/bin/dash", "/bin/bash", "/usr/bin/zsh", "/usr/bin/fish"];

for (const shell of SHELLS) {
  test.skipIf(!existsSync(shell))(`${shell} gives a program exactly the arguments we mean`, () => {
    const print = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
    const line = commandLine([process.execPath, "-e", print, "--", ...HOSTILE]);
    expect(JSON.parse(execFileSync(shell, ["-c", line], { encoding: "utf8" }))).toEqual(HOSTILE);
  });
}

test("what no shell can carry is refused", () => {
  expect(() => commandLine(["a\0b"])).toThrow(/NUL/);
  expect(() => commandLine([])).toThrow(/needs a program/);
  expect(() => commandLine(["echo", "x".repeat(200_000)])).toThrow(/128 KiB/);
});
