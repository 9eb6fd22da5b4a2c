// A plan while it is made: what is known, and the operations and problems so far.
import type { ContainerInspectResponse, NetworkInspect, Volume } from "@docker/node-sdk";
import { joinPath, type Problem } from "../model/problem.ts";
import {
  canEditLabels,
  type ImageTargets,
  type Observed,
  type ObservedHost,
} from "../plan/observed.ts";
import type { Action, Operation } from "../plan/operation.ts";
import { ownerOf } from "../plan/ownership.ts";
import type { Resolved } from "./resolve.ts";
import { addressOf, pathOf, type Stack } from "./stack.ts";

export interface PlanWishes {
  direction: "up" | "down";
  volumes: boolean;
  removeOrphans: boolean;
  recreate: boolean;
}

export interface PlanDraft {
  stack: Stack;
  resolved: Resolved[];
  observed: Observed;
  images: ImageTargets;
  wishes: PlanWishes;
  operations: Operation[];
  /** Operations by the address of their resource. */
  byAddress: Map<string, Operation[]>;
  unchanged: string[];
  notes: string[];
  /** Objects of others that are in the way, and edits that would cost data. */
  conflicts: Problem[];
}

export type SeenObject = ContainerInspectResponse | NetworkInspect | Volume;

/** The host as it was observed; a resource's host always is. */
export function hostOf(draft: PlanDraft, resource: { host: string }): ObservedHost {
  return draft.observed.get(resource.host)!;
}

/** Who a resource is, for its diff. */
export function contextOf(draft: PlanDraft, resource: Resolved) {
  return {
    project: draft.stack.project,
    name: resource.name,
    editsLabels: canEditLabels(hostOf(draft, resource).facts),
  };
}

/** Adds an operation on a resource. */
export function operate(
  draft: PlanDraft,
  resource: Pick<Resolved, "host" | "kind" | "name" | "object">,
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

/** Ids of the operations planned so far for a resource. */
export function operationsOf(draft: PlanDraft, host: string, kind: string, name: string): string[] {
  return (draft.byAddress.get(`${host}/${kind}/${name}`) ?? []).map(({ id }) => id);
}

/** Whether a found object is this resource's; what is someone else's becomes a conflict. */
export function ownership(
  draft: PlanDraft,
  resource: Resolved,
  labels: Record<string, string> | null | undefined,
): "own" | "adopt" | "foreign" {
  const owner = ownerOf(labels);
  if (owner?.project === draft.stack.project) {
    if (owner.name === resource.name) return "own";
    conflict(
      draft,
      resource,
      `${resource.object} on ${resource.host} is ${owner.name} of this project`,
    );
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

/** Records that a resource cannot be planned. */
export function conflict(draft: PlanDraft, resource: Resolved, message: string, hint?: string) {
  draft.conflicts.push({ path: joinPath(...pathOf(resource)), message, hint });
}
