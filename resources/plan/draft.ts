// A plan while it is made: what is known, and the operations and problems so far.
import { joinPath, type Problem } from "../model/problem.ts";
import { type ProjectManifest, unreadableText } from "../wire.ts";
import { canEditLabels, type ImageTargets, type Observed, type ObservedHost } from "./observed.ts";
import type { Action, Gate, Operation } from "./operation.ts";
import { ownerOf } from "./ownership.ts";
import { addressOf, dependedOn, type Need, type Placed, pathOf, placeOf } from "./resource.ts";

/** A choice of objects by a label of theirs. */
export interface Labelled {
  label: string;
  among: readonly string[];
}

export interface PlanningOptions {
  direction: "up" | "down";
  volumes: boolean;
  /** All that is no longer declared, or what of it has one of these values of a label. */
  removeOrphans: boolean | Labelled;
  recreate: boolean;
  /** Images are built although nothing they are built from has changed. */
  rebuild?: boolean;
}

export interface PlanDraft {
  project: string;
  resolved: readonly Placed[];
  /** The same by place on a host. */
  index: ReadonlyMap<string, Placed>;
  /** Addresses of what the stack declares itself. */
  declared: ReadonlySet<string>;
  observed: Observed;
  images: ImageTargets;
  /** What of the project's folder each host gets. */
  files: ReadonlyMap<string, ProjectManifest>;
  options: PlanningOptions;
  operations: Operation[];
  /** Operations by the address of their resource. */
  byAddress: Map<string, Operation[]>;
  unchanged: string[];
  notes: string[];
  /** Objects of others that are in the way, and edits that would cost data. */
  conflicts: Problem[];
}

/** The host as it was observed; a resource's host always is. */
export function hostOf(draft: PlanDraft, resource: { host: string }): ObservedHost {
  return draft.observed.get(resource.host)!;
}

/** Who a resource is, for its diff. */
export function contextOf(draft: PlanDraft, resource: Placed) {
  return {
    project: draft.project,
    name: resource.name,
    editsLabels: canEditLabels(hostOf(draft, resource).facts),
  };
}

/** Adds an operation on a resource. */
export function operate(
  draft: PlanDraft,
  resource: Pick<Placed, "host" | "kind" | "name" | "object">,
  action: Action,
  cause: string,
  more: Partial<Operation> = {},
): Operation {
  const { host, kind, name, object } = resource;
  const address = addressOf(resource);
  const operation: Operation = {
    id: `${address} ${action}`,
    action,
    host,
    kind,
    name,
    object,
    cause,
    changes: [],
    dependsOn: [],
    after: [],
    waitsFor: [],
    ...more,
  };
  draft.operations.push(operation);
  draft.byAddress.set(address, [...(draft.byAddress.get(address) ?? []), operation]);
  return operation;
}

/** What a resource waits for before it is started. */
export function gatesOf(resource: Placed): Gate[] {
  return (resource.dependsOn ?? []).map((dependency) => ({
    ...dependedOn(resource, dependency),
    condition: dependency.condition,
    required: dependency.required ?? true,
  }));
}

/** Ids of the operations planned so far for a resource. */
export function operationsOf(draft: PlanDraft, host: string, kind: string, name: string): string[] {
  return (draft.byAddress.get(`${host}/${kind}/${name}`) ?? []).map(({ id }) => id);
}

/** Ids of the operations planned so far for what a resource needs on its host. */
export function neededOperations(draft: PlanDraft, host: string, needs: readonly Need[]): string[] {
  return needs.flatMap((need) => {
    const found = resourceAt(draft, host, need);
    return found ? operationsOf(draft, host, found.kind, found.name) : [];
  });
}

/** An object that was seen, and whose it says it is. */
export interface Found {
  labels: Record<string, string> | null | undefined;
  /** On its host. */
  id: string;
}

/** Whether a found object is this resource's; what is someone else's becomes a conflict. */
export function ownership(
  draft: PlanDraft,
  resource: Placed,
  { labels, id }: Found,
): "own" | "adopt" | "foreign" {
  const owner = ownerOf(labels);
  if (owner?.project === draft.project) {
    if (owner.name === resource.name) return "own";
    conflict(
      draft,
      resource,
      `${resource.object} on ${resource.host} is ${owner.name} of this project`,
    );
    return "foreign";
  }
  // Before one can be adopted; with its record back in place it is its project's own again.
  const unreadable = owner ? undefined : unreadableOf(draft, resource, id);
  if (unreadable) {
    const what = `a ${resource.kind} ${resource.object} exists on ${resource.host}`;
    conflict(draft, resource, `${what}, but ${unreadableText(unreadable)}`);
    return "foreign";
  }
  if (resource.adopt) return "adopt";
  const whose = owner ? `belongs to the project ${owner.project}` : "was not made by fairlead";
  conflict(
    draft,
    resource,
    `a ${resource.kind} ${resource.object} exists on ${resource.host} and ${whose}`,
    "Give it another name, remove that one, or set adopt to take it over.",
  );
  return "foreign";
}

// Of one whose record its agent has lost nobody knows as what it was declared.
function unreadableOf(draft: PlanDraft, { host, kind }: Placed, id: string) {
  const { unreadable = [] } = draft.observed.get(host) ?? {};
  return unreadable.find(({ path }) => path.includes(`/${kind}s/${id}/record`));
}

/** Records that a resource cannot be planned; once, however many need it. */
export function conflict(draft: PlanDraft, resource: Placed, message: string, hint?: string) {
  const path = joinPath(...pathOf(resource));
  const known = draft.conflicts.some((one) => one.path === path && one.message === message);
  if (!known) draft.conflicts.push({ path, message, hint });
}

/** The declared or implied resource at a place on a host. */
export function resourceAt(
  draft: PlanDraft,
  host: string,
  need: { kind: string; object: string },
): Placed | undefined {
  return draft.index.get(placeOf(host, need));
}
