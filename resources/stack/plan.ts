// The planner: a stack and what was observed give a plan. Pure; the executor does what it says.
import { FairleadError } from "../model/errors.ts";
import { InvalidDeclaration } from "../model/problem.ts";
import { closure, type Edges, inOrder } from "../plan/graph.ts";
import type { ImageTargets, Observed } from "../plan/observed.ts";
import type { Plan, PlannedHost } from "../plan/operation.ts";
import { planContainer, type ResolvedContainer } from "./plan-container.ts";
import { hostOf, type PlanDraft, type PlanWishes } from "./plan-draft.ts";
import { imageStates, planImages } from "./plan-image.ts";
import { orphansOf, planDown, removeOrphans } from "./plan-removal.ts";
import { planNetwork, planVolume } from "./plan-storage.ts";
import { stackProblems } from "./problems.ts";
import { type Resolved, resolveStack, sharedContainers } from "./resolve.ts";
import { addressOf, type Stack } from "./stack.ts";

export interface PlanInput {
  /** The whole stack: what is not planned now is still declared, and no orphan. */
  stack: Stack;
  /** The hosts to plan for. */
  observed: Observed;
  images: ImageTargets;
  wishes: PlanWishes;
  /** Only these containers and what they need, by resource name. */
  only?: readonly string[] | undefined;
}

/** What must be done; throws with every problem of the stack and every conflict with the hosts. */
export function planStack(input: PlanInput): Plan {
  const { stack, observed, wishes } = input;
  const all = resolveStack(stack);
  const here = all.filter(({ host }) => observed.has(host));
  const edges = needsOf(all);
  // Ordering refuses cycles of the whole stack, also of what is not planned now.
  const order = inOrder(all.map(addressOf), edges);
  const chosen = input.only === undefined ? undefined : chosenOf(all, input.only, edges);
  const resolved = here.filter((one) => !chosen || chosen.has(addressOf(one)));
  const draft: PlanDraft = {
    ...{ stack, resolved, observed, wishes, images: input.images },
    ...{ operations: [], byAddress: new Map(), unchanged: [], notes: [], conflicts: [] },
  };
  if (wishes.direction === "down") planDown(draft, edges, chosen);
  else planUp(draft, reachableOrder(order, resolved));
  const orphans = wishes.direction === "down" ? [] : orphansOf(draft, all);
  if (wishes.removeOrphans) removeOrphans(draft, orphans);
  if (draft.conflicts.length > 0) throw new InvalidDeclaration(draft.conflicts, "conflict");
  return {
    version: 1,
    project: stack.project,
    direction: wishes.direction,
    hosts: plannedHosts(draft),
    operations: sorted(draft),
    unchanged: draft.unchanged,
    orphans: wishes.removeOrphans ? [] : orphans,
    notes: draft.notes,
  };
}

function planUp(draft: PlanDraft, order: Resolved[]): void {
  const problems = stackProblems(draft.stack, draft.resolved, draft.observed);
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  const states = imageStates(draft);
  const needed = new Set<string>();
  for (const resource of order) {
    if (resource.kind === "network") planNetwork(draft, resource);
    else if (resource.kind === "volume") planVolume(draft, resource);
  }
  for (const resource of order) {
    if (resource.kind === "container") planContainer(draft, resource, states, needed);
  }
  planImages(draft, states, needed);
  for (const operation of draft.operations) {
    if (operation.kind === "container") operation.dependsOn.push(...imagesOf(draft, operation));
  }
}

function imagesOf(draft: PlanDraft, operation: { host: string; name: string; action: string }) {
  if (operation.action !== "create" && operation.action !== "replace") return [];
  const container = draft.resolved.find(
    (one) => one.kind === "container" && one.host === operation.host && one.name === operation.name,
  ) as ResolvedContainer | undefined;
  return draft.operations
    .filter(
      ({ kind, host, object }) =>
        kind === "image" && host === operation.host && object === container?.spec.image,
    )
    .map(({ id }) => id);
}

// What each resource needs, by address, over all hosts.
function needsOf(all: Resolved[]): Edges {
  const index = new Map(
    all.map((one) => [`${one.host}/${one.kind}/${one.object}`, addressOf(one)]),
  );
  const edges = new Map<string, string[]>();
  for (const one of all) {
    if (one.kind !== "container") continue;
    const { host, spec } = one;
    const objects = [
      `${host}/image/${spec.image}`,
      ...Object.keys(spec.networks ?? {}).map((name) => `${host}/network/${name}`),
      ...(spec.mounts ?? []).flatMap((mount) =>
        mount.type === "volume" && mount.source ? [`${host}/volume/${mount.source}`] : [],
      ),
      ...sharedContainers(spec).map((name) => `${host}/container/${name}`),
    ];
    const dependencies = (one.dependsOn ?? []).map((dependency) =>
      addressOf({ host: dependency.host ?? host, kind: "container", name: dependency.name }),
    );
    const named = objects.flatMap((object) => index.get(object) ?? []);
    edges.set(addressOf(one), [...named, ...dependencies]);
  }
  return edges;
}

function chosenOf(all: Resolved[], only: readonly string[], edges: Edges): Set<string> {
  const roots = only.flatMap((name) => {
    const found = all.filter((one) => one.kind === "container" && one.name === name);
    if (found.length > 0) return found.map(addressOf);
    throw new FairleadError("not_found", `there is no container ${JSON.stringify(name)}`, {
      hint: "Name one that is declared.",
    });
  });
  return closure(roots, edges);
}

function reachableOrder(order: string[], resolved: Resolved[]): Resolved[] {
  const index = new Map(resolved.map((one) => [addressOf(one), one]));
  return order.flatMap((address) => index.get(address) ?? []);
}

// Operations in an order that respects their dependencies and the gates between containers.
function sorted(draft: PlanDraft) {
  const edges = new Map<string, string[]>();
  for (const operation of draft.operations) {
    const gates = operation.waitsFor.flatMap(({ host, name }) =>
      (draft.byAddress.get(`${host}/container/${name}`) ?? []).map(({ id }) => id),
    );
    edges.set(operation.id, [...operation.dependsOn, ...operation.after, ...gates]);
  }
  const index = new Map(draft.operations.map((operation) => [operation.id, operation]));
  return inOrder(index.keys(), edges).map((id) => index.get(id)!);
}

function plannedHosts(draft: PlanDraft): PlannedHost[] {
  return [...draft.observed.keys()].map((name) => {
    const { facts } = hostOf(draft, { host: name });
    const spec = draft.stack.hosts[name];
    const user = spec?.user === undefined ? "" : `${spec.user}@`;
    const port = spec?.port === undefined ? "" : `:${spec.port}`;
    const address = !spec || spec.host === "local" ? "local" : `ssh://${user}${spec.host}${port}`;
    return { name, address, engine: facts.engine, version: facts.version };
  });
}
