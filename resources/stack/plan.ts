// The planner: a stack and what was observed give a plan. Pure; the executor does what it says.
import { KINDS, kindOf } from "../kinds/registry.ts";
import { FairleadError } from "../model/errors.ts";
import { InvalidDeclaration } from "../model/problem.ts";
import { hostOf, type PlanDraft, type PlanningOptions } from "../plan/draft.ts";
import { closure, type Edges, inOrder } from "../plan/graph.ts";
import type { ImageTargets, Observed } from "../plan/observed.ts";
import type { Plan, PlannedHost } from "../plan/operation.ts";
import { planFiles } from "../plan/plan-files.ts";
import { addressOf, dependedOn, type Placed, placeOf } from "../plan/resource.ts";
import { type ProjectManifest, unreadableText } from "../wire.ts";
import { stackProblems } from "./problems.ts";
import { goingOrphans, orphansOf, planDown, removeMoved, removeOrphans } from "./removal.ts";
import { type Resolved, resolveStack } from "./resolve.ts";
import type { Stack } from "./stack.ts";

export interface PlanInput {
  /** The whole stack: what is not planned now is still declared, and no orphan. */
  stack: Stack;
  /** The hosts to plan for. */
  observed: Observed;
  images: ImageTargets;
  /** What of the project's folder each host gets. */
  files?: ReadonlyMap<string, ProjectManifest>;
  options: PlanningOptions;
  /** Only these containers and what they need, by resource name. */
  only?: readonly string[] | undefined;
}

/** What must be done; throws with every problem of the stack and every conflict with the hosts. */
export function planStack(input: PlanInput): Plan {
  const { stack, observed, options } = input;
  const all = resolveStack(stack);
  const here = all.filter(({ host }) => observed.has(host));
  const edges = needsOf(all);
  // Ordering refuses cycles of the whole stack, also of what is not planned now.
  const order = inOrder(all.map(addressOf), edges);
  const chosen = input.only === undefined ? undefined : chosenOf(all, input.only, edges);
  const resolved = here.filter((one) => !chosen || chosen.has(addressOf(one)));
  const draft: PlanDraft = {
    ...{ project: stack.project, resolved, observed, options, images: input.images },
    files: input.files ?? new Map(),
    index: new Map(resolved.map((one) => [placeOf(one.host, one), one])),
    declared: new Set(stack.resources.map(addressOf)),
    ...{ operations: [], byAddress: new Map(), unchanged: [], notes: [], conflicts: [] },
  };
  for (const [host, { unreadable = [] }] of observed) {
    draft.notes.push(...unreadable.map((one) => `${host}: ${unreadableText(one)}`));
  }
  if (options.direction === "down") planDown(draft, edges, chosen);
  else planUp(draft, stack, reachableOrder(order, resolved));
  const left = options.direction === "down" ? [] : orphansOf(draft, all);
  const orphans = removeMoved(draft, left, all);
  const going = goingOrphans(orphans, options.removeOrphans);
  removeOrphans(draft, going);
  if (draft.conflicts.length > 0) throw new InvalidDeclaration(draft.conflicts, "conflict");
  return {
    version: 1,
    project: stack.project,
    direction: options.direction,
    ...(options.direction === "down" && options.volumes && { volumes: true as const }),
    hosts: plannedHosts(draft, stack),
    operations: sorted(draft),
    unchanged: draft.unchanged,
    orphans: orphans
      .filter((one) => !going.includes(one))
      .map(({ labels: _labels, ...orphan }) => orphan),
    notes: draft.notes,
  };
}

function planUp(draft: PlanDraft, stack: Stack, order: readonly Placed[]): void {
  const problems = stackProblems(stack, draft.resolved, draft.observed);
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  planFiles(draft);
  for (const kind of KINDS) {
    for (const resource of order) {
      // What others only imply is planned by those that need it.
      if (resource.kind !== kind.kind || !draft.declared.has(addressOf(resource))) continue;
      kind.plan(draft, resource);
    }
  }
}

// What each resource needs, by address, over all hosts.
function needsOf(all: readonly Placed[]): Edges {
  const index = new Map(all.map((one) => [placeOf(one.host, one), addressOf(one)]));
  const edges = new Map<string, string[]>();
  for (const one of all) {
    const { host, kind, spec } = one;
    const named = kindOf(kind)
      .needs(spec)
      .flatMap((need) => index.get(placeOf(host, need)) ?? []);
    const dependencies = (one.dependsOn ?? []).map((dependency) =>
      addressOf(dependedOn(one, dependency)),
    );
    if (named.length + dependencies.length > 0) {
      edges.set(addressOf(one), [...named, ...dependencies]);
    }
  }
  return edges;
}

function chosenOf(all: Resolved[], only: readonly string[], edges: Edges): Set<string> {
  const roots = only.flatMap((name) => {
    const found = all.filter((one) => kindOf(one.kind).runs && one.name === name);
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
    const gates = operation.waitsFor.flatMap((gate) =>
      (draft.byAddress.get(addressOf(gate)) ?? []).map(({ id }) => id),
    );
    edges.set(operation.id, [...operation.dependsOn, ...operation.after, ...gates]);
  }
  const index = new Map(draft.operations.map((operation) => [operation.id, operation]));
  return inOrder(index.keys(), edges).map((id) => index.get(id)!);
}

function plannedHosts(draft: PlanDraft, stack: Stack): PlannedHost[] {
  return [...draft.observed.keys()].map((name) => {
    const { facts } = hostOf(draft, { host: name });
    const spec = stack.hosts[name];
    const user = spec?.user === undefined ? "" : `${spec.user}@`;
    const port = spec?.port === undefined ? "" : `:${spec.port}`;
    const address = !spec || spec.host === "local" ? "local" : `ssh://${user}${spec.host}${port}`;
    return { name, address, engine: facts.engine, version: facts.version };
  });
}
