// Does something to each container of services, on all hosts at once, and says what was done.

import { printable, printableLine } from "../../compose/document/printable.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { Exit, errorValue } from "../failure.ts";
import { type HostSession, unknownService } from "../host-session.ts";
import { type ProjectContainer, projectContainers } from "./project-containers.ts";

/** So many containers of a host at once. */
const AT_ONCE = 8;

export interface Chosen {
  containers: ProjectContainer[];
  engine(container: ProjectContainer): Promise<EngineClient>;
}

/** The containers of the named services, or of all; a name that nobody has is an error. */
export async function chosenContainers(
  session: HostSession,
  services: readonly string[],
  all: boolean,
): Promise<Chosen> {
  const { project, stack } = session.load(services);
  const found = await projectContainers(session, project.name, stack.hosts, true);
  const known = Object.keys(project.model.services);
  for (const name of services) {
    if (known.includes(name) || found.some((one) => one.service === name)) continue;
    throw unknownService(name, known);
  }
  const containers = found.filter(
    ({ service, state }) =>
      (services.length === 0 || services.includes(service)) && (all || state !== "exited"),
  );
  return { containers, engine: ({ host }) => session.engine(host, stack.hosts[host]!) };
}

/** Does the work for each and prints a line for each; exit code 1 when one failed. */
export async function onContainers(
  session: HostSession,
  { containers, engine }: Chosen,
  done: string,
  work: (engine: EngineClient, container: ProjectContainer) => Promise<unknown>,
): Promise<void> {
  const { screen } = session;
  const results: object[] = [];
  let failed = false;
  const one = async (container: ProjectContainer) => {
    const { host, name, service } = container;
    const subject = printableLine(`${host} container ${name}`);
    try {
      const answer = await work(await engine(container), container);
      const said = typeof answer === "string" ? answer : done;
      results.push({ host, container: name, service, done: said });
      if (!screen.json) screen.note(`${screen.errorColors.green("✔")} ${subject} ${said}`);
    } catch (error) {
      if (session.signal.aborted) throw error;
      failed = true;
      results.push({ host, container: name, service, error: errorValue(error) });
      const message = printable(error instanceof Error ? error.message : String(error));
      if (!screen.json) screen.note(`${screen.errorColors.red("✘")} ${subject}: ${message}`);
    }
  };
  await bounded(containers, one);
  if (screen.json) screen.value(results);
  if (failed) throw new Exit(1);
}

/** Each through the work, so many of one host at once. */
async function bounded(
  containers: readonly ProjectContainer[],
  work: (container: ProjectContainer) => Promise<void>,
): Promise<void> {
  const hosts = new Map<string, ProjectContainer[]>();
  for (const one of containers) hosts.set(one.host, [...(hosts.get(one.host) ?? []), one]);
  await Promise.all(
    [...hosts.values()].map(async (queue) => {
      const lanes = Array.from({ length: AT_ONCE }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
      });
      await Promise.all(lanes);
    }),
  );
}
