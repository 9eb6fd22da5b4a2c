// What goes away: everything of a project (down), and what it no longer declares (orphans).
import { isKind, KINDS, kindOf } from "../kinds/registry.ts";
import { type Labelled, operate, type PlanDraft } from "../plan/draft.ts";
import { type Edges, reversed } from "../plan/graph.ts";
import type { Orphan } from "../plan/operation.ts";
import { ownerOf } from "../plan/ownership.ts";
import { removeFiles } from "../plan/plan-files.ts";
import { addressOf, type Placed } from "../plan/resource.ts";

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
    if (!kindOf(one.kind).runs || chosen?.has(addressOf(one)) === false) continue;
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
  if (chosen) return;
  removeStores(draft, owned, cause);
  if (draft.options.volumes) removeFiles(draft, cause);
}

/**
 * What the project owns and does not declare. A volume is among it only when volumes may go: its
 * data is worth more than tidiness, so else there is a note of it.
 */
export function orphansOf(draft: PlanDraft, declared: readonly Placed[]): Owned[] {
  const known = new Set(declared.map(addressOf));
  const orphans = ownedObjects(draft).filter((one) => !known.has(addressOf(one)));
  const kept = orphans.filter(({ kind }) => kindOf(kind).holdsData && !draft.options.volumes);
  for (const one of kept) {
    draft.notes.push(`${addressOf(one)} is no longer declared; its data is kept`);
  }
  return orphans.filter((one) => !kept.includes(one));
}

/**
 * Plans the removal of containers that are declared on another host now, and answers the other
 * orphans. The new one is verified before the old one stops; when the old one has a volume, it
 * stops first, because two processes on what was one set of data go apart. Nothing is removed as
 * long as this plan does not reach the host where it is to run instead.
 */
export function removeMoved(
  draft: PlanDraft,
  orphans: readonly Owned[],
  declared: readonly Placed[],
): Owned[] {
  return orphans.filter((one) => {
    if (!kindOf(one.kind).runs) return true;
    const targets = declared.filter(({ kind, name }) => kind === one.kind && name === one.name);
    if (targets.length === 0) return true;
    const planned = targets.filter((to) => draft.resolved.includes(to));
    const hosts = (planned.length > 0 ? planned : targets).map(({ host }) => host).join(", ");
    if (planned.length === 0) {
      const until = "it stays until a plan has both";
      draft.notes.push(`${addressOf(one)} moves to ${hosts}, which is not in this plan: ${until}`);
      return false;
    }
    const { named, nameless } = dataOf(draft, one);
    const making = planned.flatMap((to) => draft.byAddress.get(addressOf(to)) ?? []);
    const stopsFirst = named.length > 0 && making.length > 0;
    const removal = operate(draft, one, "remove", `moves to ${hosts}`, {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
      dependsOn: stopsFirst ? [] : making.map(({ id }) => id),
    });
    if (stopsFirst) for (const operation of making) operation.dependsOn.push(removal.id);
    for (const volume of [...named, ...nameless]) {
      const stays = `the data of volume ${volume} stays on ${one.host}`;
      draft.notes.push(`${addressOf(one)} moves to ${hosts}: ${stays}; copy it if it is needed`);
    }
    return false;
  });
}

/** The volumes that it uses, which a move leaves behind. */
function dataOf(
  draft: PlanDraft,
  { host, kind, object }: Orphan,
): { named: string[]; nameless: string[] } {
  const { find, dataOf: of } = kindOf(kind);
  const seen = find(draft.observed.get(host)!, object);
  return seen && of ? of(seen) : { named: [], nameless: [] };
}

/** Those of the orphans that are to be removed. */
export function goingOrphans(orphans: Owned[], which: boolean | Labelled): Owned[] {
  if (typeof which === "boolean") return which ? orphans : [];
  return orphans.filter(({ labels }) => which.among.includes(labels[which.label] ?? ""));
}

/** Plans the removal of orphans, after everything that is still declared has left them. */
export function removeOrphans(draft: PlanDraft, orphans: Orphan[]): void {
  for (const one of orphans) {
    if (!kindOf(one.kind).runs) continue;
    operate(draft, one, "remove", "is no longer declared", {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
    });
  }
  removeStores(draft, orphans, "is no longer declared");
}

// What does not run goes when the containers of their host have left or been changed.
function removeStores(draft: PlanDraft, owned: Orphan[], cause: string): void {
  for (const one of owned) {
    const { runs, holdsData } = kindOf(one.kind);
    if (runs || (holdsData && !draft.options.volumes)) continue;
    const before = draft.operations.filter(
      ({ host, kind }) => host === one.host && isKind(kind) && kindOf(kind).runs,
    );
    operate(draft, one, "remove", cause, {
      id: `${addressOf(one)} remove ${one.object}`,
      objectId: one.id,
      dependsOn: before.map(({ id }) => id),
    });
  }
}

/** An object of the project on a host, with its labels. */
interface Owned extends Orphan {
  labels: Readonly<Record<string, string>>;
}

function ownedObjects(draft: PlanDraft): Owned[] {
  return [...draft.observed].flatMap(([host, observed]) =>
    KINDS.filter(({ owned }) => owned)
      .sort((a, b) => Number(b.runs) - Number(a.runs))
      .flatMap(({ kind, seenOn, labelsOf, nameOf, idOf }) =>
        seenOn(observed).flatMap((seen): Owned[] => {
          const labels = labelsOf(seen) ?? {};
          const owner = ownerOf(labels);
          if (owner?.project !== draft.project) return [];
          const object = nameOf(seen);
          return [{ host, kind, name: owner.name, object, id: idOf(seen), labels }];
        }),
      ),
  );
}
