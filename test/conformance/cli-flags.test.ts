// Every flag of the docker command is used by a case, or it is written down why by none.
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { FLAGS, REASONS } from "./cli-flags.ts";
import { groups } from "./groups.ts";

/** The commands of all scripts, one a line. */
const lines = Object.values(groups)
  .flatMap((cases) => cases.map(({ script }) => script))
  .join("\n")
  .replaceAll("\\\n", " ")
  .split(/[\n;|]+|&&/);

/** Other words for the same command. */
const ALSO: Readonly<Record<string, string[]>> = {
  // Of the functions of two groups of cases.
  run: ["create", "i '", "cap "],
  "image ls": ["images"],
  "image rm": ["rmi"],
};

interface Flag {
  name: string;
  letter: string | undefined;
}

function flagsOf(command: string): Flag[] {
  const words = (FLAGS[command] ?? "").split(/\s+/).filter((word) => word !== "");
  return words.map((word) => {
    const [name = "", letter] = word.split(":");
    return { name, letter };
  });
}

function isUsed(command: string, { name, letter }: Flag): boolean {
  const short = command.replace(/^(image|system) /, "");
  const commands = [command, short, ...(ALSO[command] ?? [])].map((one) => {
    return /^(i '|cap )/.test(one) ? `^${one}` : `docker ${one}(?= |$)`;
  });
  const shape =
    letter === undefined ? `--${name}(?=[ =]|$)` : `(--${name}(?=[ =]|$)| -\\w*${letter})`;
  return lines.some(
    (line) => commands.some((one) => new RegExp(one).test(line)) && new RegExp(shape).test(line),
  );
}

describe.each(Object.keys(FLAGS))("the flags of docker %s", (command) => {
  const reasons = REASONS[command] ?? {};
  test("are used by a case, or left out for a reason", () => {
    const unused = flagsOf(command).filter((flag) => !isUsed(command, flag));
    const silent = unused.filter(({ name }) => reasons[name] === undefined);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test("that are left out for a reason are there, and used by no case", () => {
    const unused = flagsOf(command).filter((flag) => !isUsed(command, flag));
    expect(Object.keys(reasons).filter((name) => !unused.some((one) => one.name === name))).toEqual(
      [],
    );
  });
});

const version = versionOf();
test.skipIf(!version?.startsWith("28."))(
  `the list is that of the command (skipped: it is ${version ?? "not there"}, not 28)`,
  () => {
    for (const command of Object.keys(FLAGS)) {
      const help = execFileSync("docker", [...command.split(" "), "--help"], { encoding: "utf8" });
      const options = help.slice(help.indexOf("Options:"));
      const found = [...options.matchAll(/^\s+(?:-(\w), )?\s*--([\w-]+)/gm)]
        .map(([, letter, name]) => (letter === undefined ? `${name}` : `${name}:${letter}`))
        .filter((flag) => flag !== "help");
      expect(FLAGS[command]?.split(/\s+/), command).toEqual(found);
    }
  },
);

function versionOf(): string | undefined {
  try {
    const said = execFileSync("docker", ["--version"], { encoding: "utf8" });
    return /version (\S+?),?\s/.exec(said)?.[1];
  } catch {
    return undefined;
  }
}
