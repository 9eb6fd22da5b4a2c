// fairlead plan: what differs between the declaration and the hosts; changes nothing.

import { isKind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration } from "../../../resources/model/problem.ts";
import { isEmpty, type Plan } from "../../../resources/plan/operation.ts";
import type { Resource, Stack } from "../../../resources/stack/stack.ts";
import { atTheirPlaces } from "../../compose/translate/origin.ts";
import { type PlanOptions, plan } from "../../engine/reconcile/reconcile.ts";
import { Exit } from "../screen/failure.ts";
import { planLines } from "../screen/plan-text.ts";
import type { HostSession, Loaded } from "../session/host-session.ts";

export interface PlanFlags {
  detailedExitcode?: boolean;
  removeOrphans?: boolean;
  forceRecreate?: boolean;
  /** False with --no-recreate: what exists stays as it is. */
  recreate?: boolean;
  /** False with --no-deps: only the named services. */
  deps?: boolean;
  /** False with --no-start: containers are made and not started. */
  start?: boolean;
  scale?: string[];
  pull?: string;
}

/** Exit code with --detailed-exitcode when there is something to do. */
const CHANGES = 2;

export async function planCommand(
  session: HostSession,
  services: readonly string[],
  flags: PlanFlags,
): Promise<void> {
  const loaded = session.load(services, true, flags.scale);
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
  const made = await plan(withPull(stack, flags.pull), {
    connect: session.hosts.connectReadOnly,
    ...(only.length > 0 && { only }),
    ...(session.options.host && { hosts: session.options.host }),
    removeOrphans: flags.removeOrphans === true || surplusOf(services, project),
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
  return chosenPart({ ...made, hosts }, only, flags);
}

/** What a service has more of than it declares goes without being asked for, as with Compose. */
function surplusOf(services: readonly string[], { model }: Loaded["project"]) {
  const among = services.length > 0 ? services : Object.keys(model.services);
  return { label: "com.docker.compose.service", among };
}

/** The stack with what the command line says of images. */
export function withPull(stack: Stack, policy: string | undefined): Stack {
  if (policy === undefined) return stack;
  if (policy !== "always" && policy !== "missing" && policy !== "never") {
    throw new FairleadError("invalid", `${policy} is no policy of pulling`, {
      path: "--pull",
      hint: "There are always, missing and never.",
    });
  }
  const pull: "always" | "missing" | "never" = policy;
  const resources = stack.resources.map((one) =>
    kindOf(one.kind).runs ? ({ ...one, spec: { ...one.spec, pull } } as Resource) : one,
  );
  return { ...stack, resources };
}

const MAKES_ANEW = new Set(["replace", "update"]);
const BRINGS_UP = new Set(["start", "restart", "verify", "signal"]);

/** The plan without what the flags leave out. */
function chosenPart(made: Plan, only: readonly string[], flags: PlanFlags): Plan {
  const isOut = ({ kind, name, action }: Plan["operations"][number]) => {
    if (!isKind(kind) || !kindOf(kind).runs) return false;
    if (flags.deps === false && only.length > 0 && !only.includes(name)) return true;
    if (flags.recreate === false && MAKES_ANEW.has(action)) return true;
    return flags.start === false && BRINGS_UP.has(action);
  };
  const out = new Set(made.operations.filter(isOut).map(({ id }) => id));
  if (flags.start === false) refuseReplacing(made);
  if (out.size === 0 && flags.start !== false) return made;
  const operations = made.operations
    .filter(({ id }) => !out.has(id))
    .map((one) => ({
      ...one,
      dependsOn: one.dependsOn.filter((id) => !out.has(id)),
      // What is not brought up is not waited for.
      waitsFor: flags.deps === false || flags.start === false ? [] : one.waitsFor,
    }));
  return { ...made, operations };
}

function refuseReplacing({ operations }: Plan): void {
  const names = operations.flatMap(({ action, name }) => (action === "replace" ? [name] : []));
  if (names.length === 0) return;
  throw new FairleadError(
    "conflict",
    `${names.join(", ")} would be replaced by one that stands still`,
    {
      hint: "Add --no-recreate to leave what exists as it is, or run fairlead up.",
    },
  );
}

/** Whether an apply would do anything, an upgrade of an agent that runs included. */
export function hasWork(made: Plan): boolean {
  const upgrades = made.hosts.some(
    ({ upgrade, version }) => upgrade !== undefined && version !== "",
  );
  return !isEmpty(made) || upgrades;
}
