// Planning of what bears labels and is never only stopped: found by its owner or its name, then
// made, changed, made anew, or left as it is.
import type { Change } from "../model/change.ts";
import {
  conflict,
  contextOf,
  gatesOf,
  hostOf,
  neededOperations,
  operate,
  ownership,
  type PlanDraft,
} from "./draft.ts";
import type { KindEntry } from "./kind.ts";
import type { Operation } from "./operation.ts";
import { lastApplied, ownerOf } from "./ownership.ts";
import { addressOf, type Placed } from "./resource.ts";

type Parts<Spec, Seen> = Pick<
  KindEntry<Spec, Seen>,
  "seenOn" | "nameOf" | "idOf" | "labelsOf" | "needs" | "diff"
>;

/** Plans one resource; `before` may refuse a replacement. */
export function planLabelled<Spec, Seen>(
  draft: PlanDraft,
  resource: Placed<Spec>,
  kind: Parts<Spec, Seen>,
  before: (seen: Seen) => void = () => {},
): void {
  const seen = findOwn(draft, resource, kind);
  const waitsFor = gatesOf(resource);
  const dependsOn = neededOperations(draft, resource.host, kind.needs(resource.spec));
  if (seen === undefined) {
    operate(draft, resource, "create", "is not there", { dependsOn, waitsFor });
    return;
  }
  const whose = ownership(draft, resource, {
    ...{ labels: kind.labelsOf(seen), id: kind.idOf(seen) },
  });
  if (whose === "foreign") return;
  const change = kind.diff(resource.spec, seen, contextOf(draft, resource));
  if (change.action === "refuse") {
    conflict(draft, resource, change.error.message, change.error.hint);
    return;
  }
  if (change.action === "replace") before(seen);
  const last = lastApplied(kind.labelsOf(seen));
  const known = Object.keys(last).length > 0;
  settle(draft, resource, change, { objectId: kind.idOf(seen), dependsOn, waitsFor, whose, known });
}

function settle(
  draft: PlanDraft,
  resource: Placed,
  change: Change,
  found: Pick<Operation, "dependsOn" | "waitsFor"> & {
    objectId: string;
    whose: "own" | "adopt";
    known: boolean;
  },
): void {
  const { editsLabels } = contextOf(draft, resource);
  const { whose, known, ...before } = found;
  const more = { ...before, changes: "fields" in change ? change.fields : [] };
  if (change.action === "replace") operate(draft, resource, "replace", "has changed", more);
  else if (whose === "adopt" && editsLabels) {
    operate(draft, resource, "adopt", "exists and is taken over", more);
  } else if (change.action === "update") operate(draft, resource, "update", "has changed", more);
  else draft.unchanged.push(addressOf(resource));
  if (whose === "adopt" && !known && !editsLabels) {
    const marked = "is used but cannot be marked: its engine edits no labels";
    draft.notes.push(`${addressOf(resource)} ${marked}`);
  }
}

// By ownership first, so that a renamed object is found; then by its name.
function findOwn<Spec, Seen>(
  draft: PlanDraft,
  resource: Placed,
  { seenOn, nameOf, labelsOf }: Parts<Spec, Seen>,
): Seen | undefined {
  const all = seenOn(hostOf(draft, resource));
  const own = all.filter((one) => {
    const owner = ownerOf(labelsOf(one));
    return owner?.project === draft.project && owner.name === resource.name;
  });
  return (
    own.find((one) => nameOf(one) === resource.object) ??
    all.find((one) => nameOf(one) === resource.object) ??
    own[0]
  );
}
