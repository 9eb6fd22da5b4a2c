// fairlead run: a command in a new container of a service, which goes away with --rm.
import { randomBytes } from "node:crypto";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { CommandDefinition } from "../session/definition.ts";
import type { Flags, HostSession } from "../session/host-session.ts";

export const run: CommandDefinition = {
  name: "run",
  summary: "Run a command in a new container of a service, with what the service needs.",
  args: [
    ["<service>", "service"],
    ["[command...]", "program and its arguments, in place of the service's"],
  ],
  without: ["-p"],
  passThrough: true,
  options: [
    ["--rm", "remove the container when it has ended"],
    ["-d, --detach", "print its name and leave it running"],
    ["-i, --interactive", "keep its standard input open, as it is anyway"],
    ["-T, --no-tty", "no terminal, also when there is one here"],
    ["-t, --tty", "give it a terminal, as it is anyway when there is one here"],
    ["-e, --env <KEY=VALUE>", "environment variable; KEY alone takes ours; several times", "list"],
    ["--env-from-file <path>", "file with environment variables; several times", "list"],
    ["-u, --user <user>", "user to run as"],
    ["-w, --workdir <path>", "working directory"],
    ["--entrypoint <program>", "program in place of the image's entrypoint"],
    ["-v, --volume <mount>", "SOURCE:TARGET[:ro], a path of the host or a volume; several", "list"],
    ["-p, --publish <port>", "publish a port; several times", "list"],
    ["-P, --service-ports", "publish the service's ports"],
    ["--name <name>", "name of the container"],
    ["-l, --label <KEY=VALUE>", "label; several times", "list"],
    ["--no-deps", "do not bring up what the service depends on"],
    ["--use-aliases", "be known by the service's names in its networks"],
    ["--pull <policy>", "when the image is fetched: always, missing or never"],
  ],
  example: "fairlead run --rm web sh -c 'env | sort'",
  async run(session, args, flags) {
    const { plan, apply } = await import("../../engine/reconcile/reconcile.ts");
    const { joined } = await import("./joined.ts");
    const { Exit } = await import("../screen/failure.ts");
    const { printableLine } = await import("../../compose/document/printable.ts");
    const { stack, container } = await declared(session, args, flags);
    const { hosts, signal, screen } = session;
    const made = await plan(stack, {
      connect: hosts.connectOrStart,
      only: [container.name],
      signal,
    });
    const done = await apply(stack, made, {
      ...{ connect: hosts.connectAndInstall, signal },
      leaveStopped: [container.name],
    });
    const [failed] = done.failed;
    if (failed !== undefined) throw failed.error;
    const engine = await session.engine(container.host, stack.hosts[container.host]!);
    const object = String(container.spec.name);
    if (flags.detach === true) {
      await engine.containers.start(object, signal);
      return screen.line(printableLine(object));
    }
    let code: number;
    try {
      code = await joined(session, engine, object, {
        stdin: true,
        starts: true,
        exitsWithIt: false,
      });
    } catch (error) {
      // We were interrupted, and the command would go on alone.
      await engine.containers.stop(object).catch(() => {});
      throw error;
    } finally {
      const options = { force: true, volumes: true };
      if (flags.rm === true) await engine.containers.remove(object, options);
    }
    if (code !== 0) throw new Exit(code);
  },
};

const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);

/** The stack with one more container, made after the service's first one. */
async function declared(session: HostSession, args: readonly unknown[], flags: Flags) {
  const { checkStack, resourcesOf } = await import("../../../resources/stack/stack.ts");
  const { loadEnvFile } = await import("../../compose/model/environment.ts");
  const { shellWords } = await import("../../compose/document/shell-words.ts");
  const service = String(args[0]);
  const argv = words(args[1]);
  const { stack, replicas, project } = session.load([service], true);
  const hosts = session.chosen(Object.keys(stack.hosts));
  const first = replicas.find((one) => one.service === service && hosts.includes(one.host));
  const source = resourcesOf(stack, "container").find(
    ({ host, name }) => host === first?.host && name === first.name,
  );
  if (!source) {
    throw new FairleadError("not_found", `${service} is on none of the chosen hosts`);
  }
  const mark = randomBytes(6).toString("hex");
  const env: Record<string, unknown> = { ...source.spec.env };
  for (const file of words(flags.envFromFile)) {
    const found = new Map<string, string>();
    loadEnvFile(file, found, (name) => project.environment.get(name));
    for (const [name, value] of found) env[name] = value;
  }
  for (const one of words(flags.env)) {
    const cut = one.indexOf("=");
    const name = cut < 0 ? one : one.slice(0, cut);
    const value = cut < 0 ? project.environment.get(name) : one.slice(cut + 1);
    if (value !== undefined) env[name] = value;
  }
  const { ports, networks, restart: _policy, ...kept } = source.spec;
  const entrypoint = textOf(flags.entrypoint);
  const tty = flags.tty !== false && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const spec = {
    ...kept,
    name: textOf(flags.name) ?? `${stack.project}-${service}-run-${mark}`,
    job: true,
    tty,
    stdinOpen: true,
    env,
    ...(argv.length > 0 && { command: argv }),
    ...(entrypoint !== undefined && { entrypoint: shellWords(entrypoint) }),
    ...(flags.user !== undefined && { user: String(flags.user) }),
    ...(flags.workdir !== undefined && { workingDir: String(flags.workdir) }),
    ...(flags.pull !== undefined && { pull: flags.pull }),
    ports: [...(flags.servicePorts === true ? (ports ?? []) : []), ...words(flags.publish)],
    mounts: [...(kept.mounts ?? []), ...words(flags.volume).map(mountOf)],
    ...(networks && {
      networks: Object.fromEntries(
        Object.entries(networks).map(([name, one]) => [
          name,
          flags.useAliases === true ? { aliases: one.aliases } : {},
        ]),
      ),
    }),
    labels: {
      ...kept.labels,
      ...Object.fromEntries(words(flags.label).map((one) => one.split(/=(.*)/s).slice(0, 2))),
      "com.docker.compose.oneoff": "True",
    },
  };
  const container = {
    ...source,
    name: `${service}-run-${mark}`,
    spec,
    dependsOn: flags.deps === false ? [] : source.dependsOn,
  };
  const resources = [...stack.resources, container];
  return { stack: checkStack({ ...stack, resources } as never), container };
}

/** `data:/data:ro`, `/srv:/srv`. */
function mountOf(text: string) {
  const [source = "", target = "", options = ""] = text.split(":");
  if (target === "") {
    throw new FairleadError("invalid", `${text} is not SOURCE:TARGET[:ro]`, { path: "--volume" });
  }
  if (source.startsWith(".") || source.startsWith("~")) {
    throw new FairleadError("unsupported", `${source} is a path of this machine`, {
      path: "--volume",
      hint: "Mount it at the service in the Compose file, or name a path of the host.",
    });
  }
  const type = source.startsWith("/") ? "bind" : "volume";
  return { type, source, target, ...(options.split(",").includes("ro") && { readOnly: true }) };
}
