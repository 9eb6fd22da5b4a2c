// fairlead logs: what the project's containers wrote, from every host.
import { StringDecoder } from "node:string_decoder";
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseDuration } from "../../../resources/model/units.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { LogOptions } from "../../engine/engine.ts";
import { sanitize } from "../screen/screen.ts";
import { type HostSession, unknownService } from "../session/host-session.ts";
import { type ProjectContainer, projectContainers } from "./project-containers.ts";

export interface LogsFlags {
  follow?: boolean;
  tail?: string;
  since?: string;
  until?: string;
  timestamps?: boolean;
  /** False with --no-log-prefix. */
  logPrefix?: boolean;
}

type From = "stdout" | "stderr";

/** Lines longer than this are shown in pieces. */
const MAX_LINE = 1024 * 1024;

export async function logsCommand(
  session: HostSession,
  services: readonly string[],
  flags: LogsFlags,
): Promise<void> {
  const { project, stack } = session.load();
  const all = await projectContainers(session, project.name, stack.hosts, true);
  const known = new Set([...Object.keys(project.model.services), ...all.map((one) => one.service)]);
  for (const name of services) {
    if (!known.has(name)) throw unknownService(name, [...known]);
  }
  const chosen = all.filter((one) => services.length === 0 || services.includes(one.service));
  const options = logOptions(flags);
  const show = printer(session, chosen, flags);
  const read = (container: ProjectContainer) =>
    readLog(session, container, stack.hosts, options, (from, line) => show(container, from, line));
  if (flags.follow) {
    await Promise.all(chosen.map(read));
    return;
  }
  for (const container of chosen) await read(container);
}

function logOptions(flags: LogsFlags): LogOptions {
  const { tail = "all", since, until } = flags;
  if (tail !== "all" && !/^\d+$/.test(tail)) {
    throw new FairleadError("invalid", `${tail} is not a number of lines`, { path: "--tail" });
  }
  return {
    follow: flags.follow === true,
    timestamps: flags.timestamps === true,
    ...(tail !== "all" && { tail: Number(tail) }),
    ...(since !== undefined && { since: moment(since, "--since") }),
    ...(until !== undefined && { until: moment(until, "--until") }),
  };
}

/** Seconds since 1970 of a date, a number of seconds, or a time ago such as `10m`. */
export function moment(text: string, option: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (!Number.isNaN(at)) return (at / 1000).toFixed(3);
  throw new FairleadError("invalid", `${text} is not a time`, {
    path: option,
    hint: "Write 2026-01-31T12:00:00Z, or a time ago such as 10m.",
  });
}

/** Prints a line with the container it is from: as JSON, for a terminal, or as it is. */
function printer(session: HostSession, containers: readonly ProjectContainer[], flags: LogsFlags) {
  const { screen } = session;
  const { colors } = screen;
  const hosts = new Set(containers.map((one) => one.host));
  const label = (one: ProjectContainer) =>
    printableLine(`${hosts.size > 1 ? `${one.host} ` : ""}${one.service}-${one.number}`);
  const width = Math.max(0, ...containers.map((one) => label(one).length));
  const tints = [colors.cyan, colors.yellow, colors.green, colors.magenta, colors.blue];
  const isTerminal = screen.stdout.isTTY === true;
  return (container: ProjectContainer, from: From, line: string) => {
    const { host, service, name } = container;
    if (screen.json) {
      screen.stdout.write(`${JSON.stringify({ host, service, container: name, from, line })}\n`);
      return;
    }
    const tint = tints[containers.indexOf(container) % tints.length] ?? colors.cyan;
    const prefix = flags.logPrefix === false ? "" : tint(`${label(container).padEnd(width)} | `);
    const target = from === "stderr" && flags.logPrefix === false ? screen.stderr : screen.stdout;
    target.write(`${prefix}${isTerminal ? sanitize(line) : line}\n`);
  };
}

async function readLog(
  session: HostSession,
  container: ProjectContainer,
  hosts: Readonly<Record<string, HostSpec>>,
  options: LogOptions,
  line: (from: From, text: string) => void,
): Promise<void> {
  const { signal } = session;
  const engine = await session.engine(container.host, hosts[container.host]!);
  const written = await engine.containers.logs(container.id, { ...options, signal });
  const readers = { stdout: new Lines(), stderr: new Lines(), stdin: new Lines() };
  for await (const { from, bytes } of written) {
    const target = from === "stderr" ? "stderr" : "stdout";
    for (const text of readers[from].push(bytes)) line(target, text);
  }
  for (const from of ["stdout", "stderr"] as const) {
    for (const text of readers[from].end()) line(from, text);
  }
}

/** Puts pieces of a stream together to lines. */
class Lines {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  push(bytes: Buffer): string[] {
    this.#rest += this.#decoder.write(bytes);
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    return lines;
  }

  end(): string[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    return rest === "" ? [] : [rest];
  }
}
