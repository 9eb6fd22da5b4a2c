// The command line: every command with its options and help, as commander has them. What the
// commands do is in ../commands.
import { Command, Option } from "commander";
import { FairleadError } from "../../resources/model/errors.ts";
import type { ConfigFlags } from "./commands/config.ts";
import type { ExecFlags } from "./commands/exec.ts";
import type { UninstallFlags } from "./commands/host.ts";
import type { LogsFlags } from "./commands/logs.ts";
import type { PlanFlags } from "./commands/plan.ts";
import type { PsFlags } from "./commands/ps.ts";
import type { TunnelFlags } from "./commands/tunnel.ts";
import type { DownFlags, UpFlags } from "./commands/up.ts";
import { COMMANDS } from "./registry.ts";
import type { CommandDefinition } from "./session/definition.ts";
import { ELSEWHERE } from "./session/elsewhere.ts";
import type { Flags, HostSession } from "./session/host-session.ts";
import type { CommonOptions, Session } from "./session/session.ts";
import { VERSION } from "./version.ts";

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
  addChanging(root, run);
  addWatching(root, run);
  addReading(root, run);
  addHosts(root, run);
  for (const definition of COMMANDS) addDefined(root, definition, run);
  addCompletion(root, run);
  for (const [name, instead] of Object.entries(ELSEWHERE)) addElsewhere(root, name, instead);
  return root;
}

/** A command by its definition; its code is loaded when it runs. */
function addDefined(root: Command, definition: CommandDefinition, run: Run): void {
  const { name, summary, args = [], options = [], example, without = [], passThrough } = definition;
  const command = withCommon(root.command(name), "-f, --file <path>", without)
    .description(summary)
    .addHelpText("after", `\nExample:\n  ${example}`);
  for (const [syntax, description] of args) command.argument(syntax, description);
  for (const [flags, description, kind] of options) {
    if (kind === "list") command.option(flags, description, collect);
    else command.option(flags, description);
  }
  if (passThrough) command.passThroughOptions();
  command.action((...given: unknown[]) => {
    const words = given.slice(0, args.length) as (string | string[])[];
    const { options: common, flags } = givenTo<Flags>(given.at(-1) as Command);
    return run.hosts(common, (session) => definition.run(session, words, flags));
  });
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

function addChanging(root: Command, run: Run): void {
  const planning = (command: Command) =>
    withCommon(command, "-f, --file <path>").option(
      "--remove-orphans",
      "remove containers of the project that are no longer declared",
    );
  planning(root.command("plan"))
    .description("Show what differs between the Compose file and the hosts; change nothing.")
    .argument("[services...]", "only these services and what they need")
    .option("--force-recreate", "replace containers even when nothing differs")
    .option("--detailed-exitcode", "exit with 0 for no changes, 2 for changes, 1 for an error")
    .addHelpText("after", "\nExample:\n  fairlead plan --detailed-exitcode")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<PlanFlags>(command);
      return run.hosts(options, async (session) => {
        const { planCommand } = await import("./commands/plan.ts");
        await planCommand(session, services, flags);
      });
    });
  planning(root.command("up"))
    .description("Make the hosts as the Compose file says, and wait until everything is well.")
    .argument("[services...]", "only these services and what they need")
    .option("--force-recreate", "replace containers even when nothing differs")
    .option("--no-recreate", "leave containers that exist as they are")
    .option("--no-deps", "leave what the named services need as it is")
    .option("--no-start", "make containers and do not start them")
    .option("--scale <service=number>", "number of containers of a service; several times", collect)
    .option("--pull <policy>", "when images are fetched: always, missing or never")
    .option("--build", "build images also when nothing they are built from has changed")
    .option("--no-build", "build no image; one that is missing is missed")
    .option("-t, --timeout <seconds>", "time to end before a container is killed")
    .option("-d, --detach", "return when everything is well, as it does anyway")
    .option("--wait", "wait until everything is well, as it does anyway")
    .option("--quiet-pull", "say little of pulls, as it does anyway")
    .option("-y, --yes", "do not ask before containers are replaced or removed")
    .option("--dry-run", "show the plan and change nothing")
    .addHelpText("after", "\nExample:\n  fairlead up --scale web=3 --pull always web")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<UpFlags>(command);
      return run.hosts(options, async (session) => {
        const { upCommand } = await import("./commands/up.ts");
        await upCommand(session, services, flags);
      });
    });
  planning(root.command("down"))
    .description("Stop and remove the project's containers and networks. Volumes stay.")
    .argument("[services...]", "only these services")
    .option("-v, --volumes", "remove the project's volumes and files and their data too")
    .option("--rmi <which>", "remove images: all, or local ones that were made from files here")
    .option("-t, --timeout <seconds>", "time to end before a container is killed")
    .option("-y, --yes", "do not ask")
    .option("--dry-run", "show the plan and change nothing")
    .addHelpText("after", "\nExample:\n  fairlead down --volumes --rmi local")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<DownFlags>(command);
      return run.hosts(options, async (session) => {
        const { downCommand } = await import("./commands/up.ts");
        await downCommand(session, services, flags);
      });
    });
}

function addWatching(root: Command, run: Run): void {
  withCommon(root.command("ps"), "-f, --file <path>")
    .description("List the project's containers on all hosts.")
    .argument("[services...]", "only these services")
    .option("-a, --all", "also those that do not run")
    .option("-q, --quiet", "only their ids")
    .option("--services", "only the names of their services")
    .option("--status <state>", "only those in a state, such as running; several times", collect)
    .addOption(new Option("--format <format>", "how to print them").choices(["table", "json"]))
    .addHelpText("after", "\nExample:\n  fairlead ps --all --format json")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<PsFlags>(command);
      return run.hosts(options, async (session) => {
        const { psCommand } = await import("./commands/ps.ts");
        await psCommand(session, services, flags);
      });
    });
  withCommon(root.command("logs"), "--file <path>")
    .description("Show what the project's containers wrote.")
    .argument("[services...]", "only these services")
    .option("-f, --follow", "go on as they write")
    .option("-n, --tail <lines>", "only the last lines of each container", "all")
    .option("--since <time>", "only after a time, or a time ago such as 10m")
    .option("--until <time>", "only before a time, or a time ago such as 10m")
    .option("-t, --timestamps", "with the time of each line")
    .option("--no-log-prefix", "without the container's name before each line")
    .addHelpText("after", "\nExample:\n  fairlead logs -f --since 10m web")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<LogsFlags>(command);
      return run.hosts(options, async (session) => {
        const { logsCommand } = await import("./commands/logs.ts");
        await logsCommand(session, services, flags);
      });
    });
  withCommon(root.command("exec"), "-f, --file <path>")
    .description("Run a command in a running container of a service.")
    .argument("<service>", "service")
    .argument("<command...>", "program and its arguments")
    .passThroughOptions()
    .option("-i, --interactive", "pass standard input on")
    .option("-t, --tty", "give the command a terminal")
    .option("-T, --no-tty", "no terminal, as it is anyway")
    .option("-d, --detach", "return at once")
    .option("-u, --user <user>", "user to run as")
    .option("-w, --workdir <path>", "working directory")
    .option("-e, --env <KEY=VALUE>", "environment variable; several times", collect)
    .option("--privileged", "with all capabilities")
    .addHelpText("after", "\nExample:\n  fairlead exec -it web sh")
    .option("--index <number>", "which container of the service (default: the first one)")
    .action((service: string, argv: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<ExecFlags>(command);
      return run.hosts(options, async (session) => {
        const { execCommand } = await import("./commands/exec.ts");
        await execCommand(session, service, argv, flags);
      });
    });
}

function addReading(root: Command, run: Run): void {
  withCommon(root.command("config"), "-f, --file <path>")
    .description("Check the Compose files and print what they resolve to.")
    .argument("[services...]", "only these services and what they depend on")
    .addOption(new Option("--format <format>", "how to print it").choices(["yaml", "json"]))
    .option("--services", "only the names of services")
    .option("--volumes", "only the names of volumes")
    .option("--networks", "only the names of networks")
    .option("--images", "only the images")
    .option("--profiles", "only the names of profiles")
    .option("--environment", "only the variables that the files are read with")
    .option("--hash <services>", "only digests of services: names with commas, or * for all")
    .option("-o, --output <path>", "write it to a file")
    .addHelpText("after", "\nExample:\n  fairlead config --services")
    .option("-q, --quiet", "only check")
    .action((services: string[], _flags, command: Command) => {
      const { options, flags } = givenTo<ConfigFlags>(command);
      return run.files(options, async (session) => {
        const { configCommand } = await import("./commands/config.ts");
        await configCommand(session, services, flags);
      });
    });
  root
    .command("version")
    .description("Print the version.")
    .option("--json", "print one JSON value instead of text")
    .action((_flags, command: Command) => {
      const { options } = givenTo(command);
      return run.files(options, ({ screen }) => {
        const { arch, platform, versions } = process;
        if (screen.json) screen.value({ version: VERSION, node: versions.node, platform, arch });
        else screen.line(`fairlead ${VERSION}`);
      });
    });
}

function addHosts(root: Command, run: Run): void {
  withCommon(root.command("docker"), "-f, --file <path>")
    .description("Run the docker command against a host's engine: fairlead docker -- ps")
    .argument("[arguments...]", "arguments of docker, after --")
    .passThroughOptions()
    .action((argv: string[], _flags, command: Command) => {
      const { options } = givenTo(command);
      return run.hosts(options, async (session) => {
        const { dockerCommand } = await import("./commands/tunnel.ts");
        await dockerCommand(session, argv);
      });
    });
  withCommon(root.command("tunnel"), "-f, --file <path>")
    .description("Open a local Docker socket that leads to a host's engine, until Ctrl-C.")
    .argument("<host>", "host of x-fairlead.hosts, local, or an ssh:// address")
    .option("--socket <path>", "where to listen (default: in a new private folder)")
    .action((host: string, _flags, command: Command) => {
      const { options, flags } = givenTo<TunnelFlags>(command);
      return run.hosts(options, async (session) => {
        const { tunnelCommand } = await import("./commands/tunnel.ts");
        await tunnelCommand(session, host, flags);
      });
    });
  const host = root.command("host").description("Look after hosts.");
  withCommon(host.command("ls"), "-f, --file <path>")
    .description("List the project's hosts and what runs on them.")
    .action((_flags, command: Command) => {
      const { options } = givenTo(command);
      return run.hosts(options, async (session) => {
        const { listHosts } = await import("./commands/host.ts");
        await listHosts(session);
      });
    });
  withCommon(host.command("info"), "-f, --file <path>")
    .description("Print what a host and its engine are.")
    .argument("<host>", "host of x-fairlead.hosts, local, or an ssh:// address")
    .action((name: string, _flags, command: Command) => {
      const { options } = givenTo(command);
      return run.hosts(options, async (session) => {
        const { hostInfo } = await import("./commands/host.ts");
        await hostInfo(session, name);
      });
    });
  withCommon(host.command("uninstall"), "-f, --file <path>")
    .description("Remove fairlead's agent from a host.")
    .argument("<host>", "host of x-fairlead.hosts, local, or an ssh:// address")
    .option("-y, --yes", "do not ask")
    .option("--force", "also when containers are still there: they are removed")
    .option("--volumes", "remove the data of all volumes too")
    .action((name: string, _flags, command: Command) => {
      const { options, flags } = givenTo<UninstallFlags>(command);
      return run.hosts(options, async (session) => {
        const { uninstallHost } = await import("./commands/host.ts");
        await uninstallHost(session, name, flags);
      });
    });
}
