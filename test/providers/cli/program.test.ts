// The command line as a whole: what every command has, whoever defines it.
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../../providers/cli/program.ts";
import { pulumiCommand } from "../../../providers/pulumi/setup/command.ts";
import { terraformCommand } from "../../../providers/terraform/setup/command.ts";

const never = () => Promise.reject(new Error("no command runs here"));
const root = program({ files: never, hosts: never })
  .addCommand(terraformCommand("1.2.3"))
  .addCommand(pulumiCommand("1.2.3"));

/** Every command that does something, by its words. */
function commandsBelow(command: Command, before: string[] = []): [name: string, Command][] {
  const inner = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help");
  if (inner.length === 0) return [[before.join(" "), command]];
  return inner.flatMap((one) => commandsBelow(one, [...before, one.name()]));
}

const all = commandsBelow(root);

describe("every command", () => {
  it("is one of these", () => {
    const names = all.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["up", "run", "host ls", "completion", "version"]),
    );
    expect(names.length).toBeGreaterThan(30);
  });

  it.each(all)("has help with an example of itself: %s", (name, command) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    expect(help).toContain(`Usage: fairlead ${name}`);
    const [, example = ""] = /\nExample:\n {2}(.+)\n/.exec(help) ?? [];
    expect(`${example} `).toContain(`fairlead ${name} `);
    const known = command.options.flatMap(({ short, long }) => [short, long]);
    // Those behind another word may be options of the command that run or exec is given.
    const own = example.slice(`fairlead ${name}`.length).match(/^(?: --?[a-z][a-z-]*)+/) ?? [""];
    for (const option of own[0].split(" ").filter(Boolean)) {
      const letters = option.startsWith("--") ? [option] : [...option.slice(1)].map((c) => `-${c}`);
      expect(known, option).toEqual(expect.arrayContaining(letters));
    }
    expect(command.description()).toMatch(/\.$/);
  });

  it("has a row in docs/cli.md", () => {
    const docs = readFileSync("docs/cli.md", "utf8");
    const first = new Set(all.map(([name]) => name.split(" ")[0]!));
    for (const name of first) {
      if (name === "terraform" || name === "pulumi") continue;
      expect(docs, name).toMatch(new RegExp(`^\\| \`${name}\\b`, "m"));
    }
  });
});
