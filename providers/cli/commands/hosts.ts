// fairlead host: the hosts of the project, what runs on one, and taking the agent off again.

import { DEFAULT_ENGINE, type HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { AgentInfo } from "../../../resources/wire.ts";
import { printableLine } from "../../compose/document/printable.ts";
import { notOurs } from "../../engine/connection/socket-host.ts";
import type { HostInfo } from "../../engine/engine.ts";
import { isInstalled } from "../../engine/engines/registry.ts";
import { Exit } from "../screen/failure.ts";
import { confirmed } from "../screen/question.ts";
import { columns } from "../screen/screen.ts";
import type { HostSession } from "../session/host-session.ts";

/** The hosts of the Compose files; none when there are no files. */
export function declaredHosts(session: HostSession): Readonly<Record<string, HostSpec>> {
  try {
    return session.load().stack.hosts;
  } catch (error) {
    const isGiven = session.options.file !== undefined;
    if (isGiven || !(error instanceof FairleadError) || error.code !== "not_found") throw error;
    return { local: session.hostSpec("local", {}) };
  }
}

interface HostState {
  name: string;
  address: string;
  engine: string;
  /** Empty while none answers. */
  version: string;
  state: string;
}

/** Every host with its engine; one that cannot be reached says so and fails the command. */
export async function listHosts(session: HostSession): Promise<void> {
  const hosts = declaredHosts(session);
  const states = await Promise.all(
    session.chosen(Object.keys(hosts)).map((name) => stateOf(session, name, hosts[name]!)),
  );
  const { screen } = session;
  if (screen.json) screen.value(states);
  else {
    const rows = states.map(({ name, address, engine, version, state }) =>
      [name, address, engine, version, state].map(printableLine),
    );
    for (const line of columns([["HOST", "ADDRESS", "ENGINE", "VERSION", "STATE"], ...rows])) {
      screen.line(line);
    }
  }
  if (states.some(({ state }) => state.startsWith("unreachable"))) throw new Exit(1);
}

async function stateOf(session: HostSession, name: string, spec: HostSpec): Promise<HostState> {
  const base = { name, address: addressOf(spec), engine: spec.engine ?? DEFAULT_ENGINE };
  try {
    const engine = await session.engine(name, spec);
    const agent = await session.hosts.agent(name);
    if (agent?.is === "vacant") return { ...base, version: "", state: "no agent" };
    const newer = agent?.offered === undefined ? "" : `, up brings ${agent.offered}`;
    return { ...base, version: engine.version, state: `ready${newer}` };
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return { ...base, version: "", state: `unreachable: ${error.message}` };
  }
}

/** What one host is: from our agent, or from the engine it has. */
export async function hostInfo(session: HostSession, name: string): Promise<void> {
  const spec = session.hostSpec(name, declaredHosts(session));
  const engine = await session.presentEngine(name, spec);
  const { screen, signal } = session;
  const agent = await engine.agentInfo(signal);
  const facts = agent ? agentFacts(agent) : engineFacts(await engine.info(signal));
  const value = { host: name, address: addressOf(spec), engine: engine.engine, ...facts };
  if (screen.json) return screen.value(value);
  const rows = Object.entries(value).map(([key, fact]) => [key, printableLine(String(fact))]);
  for (const line of columns(rows)) screen.line(line);
}

function agentFacts({ version, bundle, apiVersion, bootId, host }: AgentInfo) {
  const { kernel, architecture, cpus, memoryBytes, cgroups } = host;
  return { version, apiVersion, bundle, bootId, kernel, architecture, cpus, memoryBytes, cgroups };
}

function engineFacts(info: HostInfo) {
  const { version = "", kernel = "", architecture = "", cpus = 0, memoryBytes = 0 } = info;
  return { version, kernel, architecture, cpus, memoryBytes, cgroups: info.cgroups ?? "" };
}

export interface UninstallFlags {
  yes?: boolean;
  force?: boolean;
  volumes?: boolean;
}

/** Removes the agent from a host; containers only with --force, volumes only with --volumes. */
export async function uninstallHost(
  session: HostSession,
  name: string,
  flags: UninstallFlags,
): Promise<void> {
  const spec = session.hostSpec(name, declaredHosts(session));
  if (!isInstalled(spec.engine)) throw notOurs(name, spec.engine);
  const { screen, signal } = session;
  const what = flags.volumes ? "the agent and the data of all volumes" : "the agent";
  const question = `Remove ${what} from ${printableLine(name)}?`;
  if (flags.yes !== true && !(await confirmed(screen, question, signal))) {
    screen.note("Nothing was changed.");
    throw new Exit(1);
  }
  const { force, volumes } = flags;
  const onStep = (text: string) => {
    if (!screen.json) screen.note(printableLine(`${name}: ${text}`));
  };
  await session.hosts.uninstall(name, spec, { force, volumes, onStep, signal });
  if (screen.json) screen.value({ host: name, uninstalled: true });
  else screen.line(`${printableLine(name)}: the agent is removed.`);
}

/** As a person would write it. */
export function addressOf({ host, user, port, socket, engine }: HostSpec): string {
  if (host === "local") {
    return socket && !isInstalled(engine) ? `unix://${socket}` : "local";
  }
  const name = host.includes(":") ? `[${host}]` : host;
  const login = user === undefined ? "" : `${user}@`;
  return `ssh://${login}${name}${port === undefined ? "" : `:${port}`}`;
}
