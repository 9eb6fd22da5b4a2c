// Does something to each container of services, on all hosts at once, and says what was done.

import { resourcesOf } from "../../../resources/stack/stack.ts";
import { printable, printableLine } from "../../compose/document/printable.ts";
import { Slots } from "../../engine/concurrency/bounded.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { runHooksIn } from "../../engine/lifecycle/hooks.ts";
import { Exit, errorValue } from "../screen/failure.ts";
import { type HostSession, unknownService } from "../session/host-session.ts";
import { type ProjectContainer, projectContainers } from "./project-containers.ts";

/** So many containers of a host at once, besides those that only wait. */
const AT_ONCE = 8;

export interface Chosen {
  containers: ProjectContainer[];
  engine(container: ProjectContainer): Promise<EngineClient>;
  /** Runs what the files declare for the service; nothing of one that they do not have. */
  hooks(container: ProjectContainer, when: "postStart" | "preStop"): Promise<void>;
}

/** The containers of the named services, or of all; a name that nobody has is an error. */
export async function chosenContainers(
  session: HostSession,
  services: readonly string[],
  all: boolean,
): Promise<Chosen> {
  const { project, stack, replicas } = session.load(services);
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
  const engine = ({ host }: ProjectContainer) => session.engine(host, stack.hosts[host]!);
  const declared = resourcesOf(stack, "container");
  const hooks: Chosen["hooks"] = async (container, when) => {
    const { id, host, service } = container;
    const replica = replicas.find((one) => one.host === host && one.service === service);
    const spec = declared.find((one) => one.host === host && one.name === replica?.name)?.spec;
    const { signal } = session;
    if (spec === undefined) return;
    await runHooksIn({ engine: await engine(container), id, name: service, spec, signal }, when);
  };
  return { containers, engine, hooks };
}

type Waits = <T>(work: () => Promise<T>) => Promise<T>;

/** Does the work for each and prints a line for each; exit code 1 when one failed. */
export async function onContainers(
  session: HostSession,
  { containers, engine }: Pick<Chosen, "containers" | "engine">,
  done: string,
  work: (engine: EngineClient, container: ProjectContainer, waits: Waits) => Promise<unknown>,
): Promise<void> {
  const { screen } = session;
  const results: object[] = [];
  let failed = false;
  const one = async (container: ProjectContainer, slots: Slots) => {
    const { host, name, service } = container;
    const subject = printableLine(`${host} container ${name}`);
    try {
      const answer = await work(await engine(container), container, (wait) => slots.lent(wait));
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
  const slots = new Map(containers.map(({ host }) => [host, new Slots(AT_ONCE)]));
  const all = containers.map((container) => {
    const ofHost = slots.get(container.host)!;
    return ofHost.during(() => one(container, ofHost));
  });
  await Promise.all(all);
  if (screen.json) screen.value(results);
  if (failed) throw new Exit(1);
}
