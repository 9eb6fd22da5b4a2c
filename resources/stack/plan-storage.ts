// What happens to networks and volumes.
import type { NetworkInspect, Volume } from "@docker/node-sdk";
import { diffNetwork, diffVolume } from "../kinds/diff-resource.ts";
import type { Change } from "../model/change.ts";
import { lastApplied, ownerOf } from "../plan/ownership.ts";
import { conflict, contextOf, hostOf, operate, ownership, type PlanDraft } from "./plan-draft.ts";
import type { Resolved } from "./resolve.ts";
import { addressOf } from "./stack.ts";

type NetworkResource = Extract<Resolved, { kind: "network" }>;
type VolumeResource = Extract<Resolved, { kind: "volume" }>;

/** Plans one network: made, changed, made anew, or left as it is. */
export function planNetwork(draft: PlanDraft, resource: NetworkResource): void {
  const host = hostOf(draft, resource);
  const seen = findOwn(
    draft,
    resource,
    host.networks,
    ({ Labels }) => Labels,
    ({ Name }) => Name,
  );
  if (!seen) {
    operate(draft, resource, "create", "is not there");
    return;
  }
  const whose = ownership(draft, resource, seen.Labels);
  if (whose === "foreign") return;
  const change = diffNetwork(resource.spec, seen, contextOf(draft, resource));
  if (change.action === "replace") refuseGuests(draft, resource, seen);
  settle(draft, resource, change, seen.Id!, whose, lastApplied(seen.Labels));
}

/** Plans one volume: made, its labels changed, refused, or left as it is. */
export function planVolume(draft: PlanDraft, resource: VolumeResource): void {
  const host = hostOf(draft, resource);
  const seen = findOwn(
    draft,
    resource,
    host.volumes,
    ({ Labels }) => Labels,
    ({ Name }) => Name,
  );
  if (!seen) {
    operate(draft, resource, "create", "is not there");
    return;
  }
  const whose = ownership(draft, resource, seen.Labels);
  if (whose === "foreign") return;
  const change = diffVolume(resource.spec, seen, contextOf(draft, resource));
  if (change.action === "refuse") {
    conflict(draft, resource, change.error.message, change.error.hint);
    return;
  }
  settle(draft, resource, change, seen.Name, whose, lastApplied(seen.Labels));
}

function settle(
  draft: PlanDraft,
  resource: Resolved,
  change: Change,
  objectId: string,
  whose: "own" | "adopt",
  last: object,
): void {
  const more = { objectId, changes: "fields" in change ? change.fields : [] };
  if (change.action === "replace") operate(draft, resource, "replace", "has changed", more);
  else if (whose === "adopt" && contextOf(draft, resource).editsLabels) {
    operate(draft, resource, "adopt", "exists and is taken over", more);
  } else if (change.action === "update") operate(draft, resource, "update", "has changed", more);
  else draft.unchanged.push(addressOf(resource));
  if (
    whose === "adopt" &&
    Object.keys(last).length === 0 &&
    !contextOf(draft, resource).editsLabels
  ) {
    draft.notes.push(
      `${addressOf(resource)} is used but cannot be marked: its engine edits no labels`,
    );
  }
}

// By ownership first, so that a renamed object is found; then by its name.
function findOwn<T extends NetworkInspect | Volume>(
  draft: PlanDraft,
  resource: Resolved,
  all: T[],
  labelsOf: (one: T) => Record<string, string> | undefined,
  nameOf: (one: T) => string | undefined,
): T | undefined {
  const own = all.filter((one) => {
    const owner = ownerOf(labelsOf(one));
    return owner?.project === draft.stack.project && owner.name === resource.name;
  });
  return (
    own.find((one) => nameOf(one) === resource.object) ??
    all.find((one) => nameOf(one) === resource.object) ??
    own[0]
  );
}

// To make a network anew, everything must leave it; what is not the project's is not touched.
function refuseGuests(draft: PlanDraft, resource: Resolved, seen: NetworkInspect): void {
  const { containers } = hostOf(draft, resource);
  const guests = Object.entries(seen.Containers ?? {}).filter(([id]) => {
    const container = containers.find(({ Id }) => Id === id);
    return ownerOf(container?.Config?.Labels)?.project !== draft.stack.project;
  });
  if (guests.length === 0) return;
  const names = guests.map(([id, { Name }]) => Name ?? id.slice(0, 12)).join(", ");
  conflict(
    draft,
    resource,
    `network ${resource.object} must be made anew, but ${names} of others is attached to it`,
    "Detach it, or take the edit back.",
  );
}
