// The Diff of what lives on a host: old inputs against new ones, and the few outputs that say that
// work is needed though no input differs. Asks the host only about the content of images.

import { declaredOrder } from "../../../resources/kinds/container/change/order.ts";
import { container as containerType } from "../../../resources/kinds/container/container.ts";
import { kindOf } from "../../../resources/kinds/registry.ts";
import { sameNormal } from "../../../resources/model/canonical.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { meaningOf } from "../../engine/single/definition.ts";
import { OBJECTS, type ObjectKind } from "../schema/catalog.ts";
import { hasUnknown, opened, type PulumiObject } from "../value.ts";
import { isGenerated } from "./check-object.ts";
import { fieldsOf } from "./declaration.ts";
import { inputDifferences, type SameMeaning, unchanged } from "./difference.ts";
import type { Difference, Differences } from "./type.ts";

const WELL = new Set(["running", "restarting", "completed", ""]);

/** What differs, and whether the old one must go first. Throws when data would be lost. */
export function diffObject(
  kind: ObjectKind,
  oldInputs: PulumiObject,
  olds: PulumiObject,
  news: PulumiObject,
): Differences {
  const list = inputDifferences(OBJECTS[kind].inputs, oldInputs, news, meaning(kind));
  const status = opened(olds.status ?? "");
  if (kind === "container" && typeof status === "string" && !WELL.has(status)) {
    list.push({ path: "status", kind: "update", replaces: false, input: false });
  }
  if (kind === "volume") refuseLoss(list, oldInputs);
  // Made anew in its place, safely: only one of another host or name is another resource.
  if (kindOf(kind).replaces) {
    const moves = new Set(OBJECTS[kind].inputs.filter((one) => one.moves).map(({ name }) => name));
    for (const one of list) one.replaces = one.replaces && moves.has(one.path);
  }
  return { list, deleteBeforeReplace: mustGoFirst(kind, oldInputs, news) };
}

function keepsName(olds: PulumiObject, news: PulumiObject): boolean {
  return unchanged("name", olds, news) && !isGenerated(news);
}

// Whether two could be there at once, should the engine replace it for whatever reason.
function mustGoFirst(kind: ObjectKind, olds: PulumiObject, news: PulumiObject): boolean {
  if (!unchanged("host", olds, news) && !hasUnknown(news.host)) return false;
  const sameName = unchanged("name", olds, news);
  if (kind === "image") return false;
  if (kind === "volume") return sameName;
  if (keepsName(olds, news)) return true;
  if (kind !== "container") return false;
  const [old, now] = [olds, news].map((one) => {
    return inspect(containerType, { image: "scratch", ...fieldsOf(kind, one) }).value;
  });
  return old && now ? declaredOrder(now, old).first === "stop" : false;
}

function refuseLoss(list: Difference[], olds: PulumiObject): void {
  const rules = new Map(OBJECTS.volume.inputs.map(({ name, rule }) => [name, rule]));
  const refused = list.filter(({ path }) => rules.get(path.split(/[.[]/)[0]!) === "refuse");
  if (refused.length === 0 || opened(olds.removeData ?? false) === true) return;
  const names = refused.map(({ path }) => path).join(", ");
  const name = opened(olds.name ?? "");
  throw new FairleadError(
    "conflict",
    `volume ${name}: ${names} cannot be changed without destroying its data`,
    { hint: "Take the edit back, give it another name, or first set removeData and run up." },
  );
}

function meaning(kind: ObjectKind): SameMeaning {
  return ({ name }, a, b) => {
    if (hasUnknown(a) || hasUnknown(b)) return false;
    const [one, other] = [a, b].map((value) => {
      const { [name]: field } = fieldsOf(kind, { [name]: value });
      return field === undefined ? undefined : meaningOf(kind, name, field);
    });
    return one !== undefined && other !== undefined && sameNormal(one, other);
  };
}
