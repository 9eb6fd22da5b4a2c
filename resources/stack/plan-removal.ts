// What goes away: everything of a project (down), and what it no longer declares (orphans).
import { type Edges, reversed } from "../plan/graph.ts";
import type { Orphan } from "../plan/operation.ts";
import { ownerOf } from "../plan/ownership.ts";
import { operate, type PlanDraft } from "./plan-draft.ts";
import type { Resolved } from "./resolve.ts";
import { addressOf } from "./stack.ts";

/**
 * Plans the removal of all that the project owns on the hosts; volumes only when asked. With a
 * choice of containers only those go, because others may still use networks and volumes.
 */
export function planDown(
  draft: PlanDraft,
  edges: Edges,
  chosen: ReadonlySet<string> | undefined,
): void {
  const cause = "the project goes down";
  const owned = ownedObjects(draft);
  const dependents = reversed(edges);
  for (const one of owned) {
    if (one.kind !== "container" || chosen?.has(addressOf(one)) === false) continue;
    operate(draft, one, "remove", cause, {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
    });
  }
  for (const operation of draft.operations) {
    const later = dependents.get(addressOf(operation)) ?? [];
    operation.dependsOn.push(
      ...draft.operations.filter((one) => later.includes(addressOf(one))).map(({ id }) => id),
    );
  }
  if (!chosen) removeStores(draft, owned, cause);
}

/**
 * What the project owns and does not declare. A volume is among it only when volumes may go: its
 * data is worth more than tidiness, so else there is a note of it.
 */
export function orphansOf(draft: PlanDraft, declared: Resolved[]): Orphan[] {
  const known = new Set(declared.map(addressOf));
  const orphans = ownedObjects(draft).filter((one) => !known.has(addressOf(one)));
  const kept = orphans.filter(({ kind }) => kind === "volume" && !draft.wishes.volumes);
  for (const volume of kept) {
    draft.notes.push(`${addressOf(volume)} is no longer declared; its data is kept`);
  }
  return orphans.filter((one) => !kept.includes(one));
}

/** Plans the removal of orphans, after everything that is still declared has left them. */
export function removeOrphans(draft: PlanDraft, orphans: Orphan[]): void {
  for (const one of orphans) {
    if (one.kind !== "container") continue;
    operate(draft, one, "remove", "is no longer declared", {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
    });
  }
  removeStores(draft, orphans, "is no longer declared");
}

// Networks and volumes go when the containers of their host have left or been changed.
function removeStores(draft: PlanDraft, owned: Orphan[], cause: string): void {
  for (const one of owned) {
    if (one.kind === "container" || one.kind === "image") continue;
    if (one.kind === "volume" && !draft.wishes.volumes) continue;
    const before = draft.operations.filter(
      ({ host, kind }) => host === one.host && kind === "container",
    );
    operate(draft, one, "remove", cause, {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
      dependsOn: before.map(({ id }) => id),
    });
  }
}

function ownedObjects(draft: PlanDraft): Orphan[] {
  const { project } = draft.stack;
  return [...draft.observed].flatMap(([host, seen]) => {
    const owned = (
      kind: Orphan["kind"],
      labels: Record<string, string> | null | undefined,
      object: string,
      id: string,
    ): Orphan[] => {
      const owner = ownerOf(labels);
      return owner?.project === project ? [{ host, kind, name: owner.name, object, id }] : [];
    };
    return [
      ...seen.containers.flatMap((one) =>
        owned("container", one.Config?.Labels, (one.Name ?? "").replace(/^\//, ""), one.Id!),
      ),
      ...seen.networks.flatMap((one) => owned("network", one.Labels, one.Name!, one.Id!)),
      ...seen.volumes.flatMap((one) => owned("volume", one.Labels, one.Name, one.Name)),
    ];
  });
}
