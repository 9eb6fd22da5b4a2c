// fairlead plan: what differs between the declaration and the hosts; changes nothing.

import { InvalidDeclaration } from "../../../resources/model/problem.ts";
import { isEmpty, type Plan } from "../../../resources/plan/operation.ts";
import { atTheirPlaces } from "../../compose/translate/origin.ts";
import { type PlanOptions, plan } from "../../engine/reconcile.ts";
import { Exit } from "../failure.ts";
import type { HostSession, Loaded } from "../host-session.ts";
import { planLines } from "../plan-text.ts";

export interface PlanFlags {
  detailedExitcode?: boolean;
  removeOrphans?: boolean;
  forceRecreate?: boolean;
}

/** Exit code with --detailed-exitcode when there is something to do. */
const CHANGES = 2;

export async function planCommand(
  session: HostSession,
  services: readonly string[],
  flags: PlanFlags,
): Promise<void> {
  const loaded = session.load(services, true);
  const made = await planned(session, loaded, services, flags);
  const { screen } = session;
  if (screen.json) screen.value(made);
  else for (const line of planLines(made, screen.colors, true, screen.width)) screen.line(line);
  if (flags.detailedExitcode && hasWork(made)) throw new Exit(CHANGES);
}

/** The plan for a loaded project; an agent that an apply would upgrade or install is shown too. */
export async function planned(
  session: HostSession,
  { stack, replicas, project }: Loaded,
  services: readonly string[],
  flags: PlanFlags,
  more: Partial<PlanOptions> = {},
): Promise<Plan> {
  const only = replicas
    .filter((replica) => services.includes(replica.service))
    .map((replica) => replica.name);
  const made = await plan(stack, {
    connect: session.hosts.look,
    ...(only.length > 0 && { only }),
    ...(session.options.host && { hosts: session.options.host }),
    ...(flags.removeOrphans && { removeOrphans: true }),
    ...(flags.forceRecreate && { recreate: true }),
    ...more,
    signal: session.signal,
  }).catch((error: unknown) => {
    throw error instanceof InvalidDeclaration ? atTheirPlaces(error, project, replicas) : error;
  });
  // What goes down is taken down by the agent that is there.
  if (made.direction === "down") return made;
  const hosts = await Promise.all(
    made.hosts.map(async (host) => {
      const agent = await session.hosts.agent(host.name);
      if (agent?.offered === undefined || host.upgrade !== undefined) return host;
      return { ...host, version: agent.running ?? "", upgrade: agent.offered };
    }),
  );
  return { ...made, hosts };
}

/** Whether an apply would do anything, an upgrade of an agent that runs included. */
export function hasWork(made: Plan): boolean {
  const upgrades = made.hosts.some(
    ({ upgrade, version }) => upgrade !== undefined && version !== "",
  );
  return !isEmpty(made) || upgrades;
}
