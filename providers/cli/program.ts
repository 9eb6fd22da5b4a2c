// The command line as commander has it, made of the definitions of all commands in registry.ts.
import { Command, Option } from "commander";
import { FairleadError } from "../../resources/model/errors.ts";
import { COMMANDS, GROUPS } from "./registry.ts";
import type { CommandDefinition, CommandOption } from "./session/definition.ts";
import { ELSEWHERE } from "./session/elsewhere.ts";
import type { Flags, HostSession } from "./session/host-session.ts";
import type { CommonOptions, Session } from "./session/session.ts";
import { VERSION } from "./session/version.ts";

/** Carries a command out with the options it was given; its code is loaded only then. */
export interface Run {
  files(options: CommonOptions, action: (session: Session) => unknown): Promise<void>;
  hosts(options: CommonOptions, action: (session: HostSession) => unknown): Promise<void>;
}

const EXIT_CODES = `
Exit codes:
  0    done, or nothing to do
  1    an error, also in the arguments; everything that is wrong is on standard error
  2    plan --detailed-exitcode: there are changes
  130  interrupted; run the command again to go on
  exec and docker end with the code of the command they ran.`;

/** The whole command line. */
export function program(run: Run): Command {
  const root = new Command("fairlead")
    .description("Containers on bare Linux hosts over SSH, declared in a Compose file.")
    .version(VERSION, "-v, --version", "print the version")
    .enablePositionalOptions()
    .showHelpAfterError("(fairlead COMMAND --help says more)")
    .addHelpText("after", EXIT_CODES);
  withCommon(root, "-f, --file <path>");
  for (const definition of COMMANDS) addDefined(root, definition, run);
  addCompletion(root, run);
  for (const [name, instead] of Object.entries(ELSEWHERE)) addElsewhere(root, name, instead);
  return root;
}

/** A command by its definition; its code is loaded when it runs. */
function addDefined(root: Command, definition: CommandDefinition, run: Run): void {
  const { name, summary, args = [], options = [], example, without = [], passThrough } = definition;
  const [first = "", inner] = name.split(" ");
  const made = inner === undefined ? root.command(first) : groupOf(root, first).command(inner);
  const command = withCommon(made, "-f, --file <path>", without)
    .description(summary)
    .addHelpText("after", `\nExample:\n  ${example}`);
  for (const [syntax, description] of args) command.argument(syntax, description);
  for (const one of options) addOption(command, one);
  if (passThrough) command.passThroughOptions();
  command.action((...given: unknown[]) => {
    const words = given.slice(0, args.length) as (string | string[])[];
    const { options: common, flags } = givenTo<Flags>(given.at(-1) as Command);
    return definition.needs === "files"
      ? run.files(common, (session) => definition.run(session, words, flags))
      : run.hosts(common, (session) => definition.run(session, words, flags));
  });
}

function groupOf(root: Command, name: string): Command {
  const known = root.commands.find((one) => one.name() === name);
  return known ?? root.command(name).description(GROUPS[name] ?? "");
}

function addOption(command: Command, [flags, description, kind]: CommandOption): void {
  const option = new Option(flags, description);
  if (kind === "list") option.argParser(collect);
  else if (kind !== undefined) option.choices(kind);
  command.addOption(option);
}

function addCompletion(root: Command, run: Run): void {
  root
    .command("completion")
    .description("Print the completion script of a shell: bash, zsh or fish.")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      "\nExample:\n  fairlead completion bash > /etc/bash_completion.d/fairlead",
    )
    .action((shell: string, _flags, command: Command) =>
      run.files(givenTo(command).options, async ({ screen }) => {
        const { completionScript } = await import("./completion-script.ts");
        screen.stdout.write(completionScript(shell, root));
      }),
    );
}

/** A word that Compose users know: told what to do in its place. */
function addElsewhere(root: Command, name: string, instead: string): void {
  root
    .command(name, { hidden: true })
    .allowUnknownOption()
    .argument("[arguments...]")
    .option("--json", "print one JSON value instead of text")
    .action((_words, _flags, command: Command) => {
      throw new FairleadError("unsupported", `fairlead has no command ${command.name()}`, {
        hint: instead,
      });
    });
}

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];

function withCommon(command: Command, file: string, without: readonly string[] = []): Command {
  const long = (flags: string) => {
    const isTaken = without.some((short) => flags.startsWith(`${short}, `));
    return isTaken ? flags.slice(flags.indexOf("--")) : flags;
  };
  return command
    .option(long(file), "Compose file, - for standard input; several are merged", collect)
    .option(
      long("-p, --project-name <name>"),
      "project name (default: name: in the file, or its folder)",
    )
    .option("--project-directory <path>", "folder that paths in the file are relative to")
    .option("--env-file <path>", "file with variables for the Compose file; several times", collect)
    .option("--profile <name>", "turn on a profile; several times", collect)
    .option("--host <name>", "only this host of x-fairlead.hosts; several times", collect)
    .option("--json", "print one JSON value instead of text")
    .option("--no-color", "no colours (also: NO_COLOR, or no terminal)")
    .option("--connect-timeout <time>", "time to reach a host in one attempt, such as 10s")
    .option("--accept-new-host-key", "take and write down the key of a host not known yet");
}

/** The command's own options, and the common ones from wherever they were given. */
function givenTo<Flags>(command: Command): { options: CommonOptions; flags: Flags } {
  const chain: Command[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) chain.unshift(one);
  const options: Record<string, unknown> = {};
  for (const one of chain) {
    for (const [key, value] of Object.entries(one.opts())) {
      if (value === undefined) continue;
      // A value that is there only by default does not undo one that was given before.
      if (one.getOptionValueSource(key) === "default" && key in options) continue;
      const before = options[key];
      options[key] = Array.isArray(value) && Array.isArray(before) ? [...before, ...value] : value;
    }
  }
  return { options: options as CommonOptions, flags: options as Flags };
}
