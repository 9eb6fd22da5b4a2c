// The Diff of what lives on a host: old inputs against new ones, and the few outputs that say that
// work is needed though no input differs. Asks the host only about the content of images.

import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { sameNormal } from "../../../resources/model/canonical.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { meaningOf } from "../../engine/single/definition.ts";
import { OBJECTS } from "../schema/catalog.ts";
import { hasUnknown, opened, type PulumiObject } from "../value.ts";
import { isGenerated } from "./check-object.ts";
import { fieldsOf } from "./declaration.ts";
import { inputDifferences, type SameMeaning, unchanged } from "./difference.ts";
import type { Difference, Differences } from "./type.ts";

/** What differs, and whether the old one must go first. Throws when data would be lost. */
export function diffObject(
  kind: Kind,
  oldInputs: PulumiObject,
  olds: PulumiObject,
  news: PulumiObject,
): Differences {
  const list = inputDifferences(OBJECTS[kind].inputs, oldInputs, news, meaning(kind));
  const { well, holdsData, replaces } = kindOf(kind);
  const status = opened(olds.status ?? "");
  if (well && typeof status === "string" && status !== "" && !well.has(status)) {
    list.push({ path: "status", kind: "update", replaces: false, input: false });
  }
  if (holdsData) refuseLoss(kind, list, oldInputs);
  // Made anew in its place, safely: only one of another host or name is another resource.
  if (replaces) {
    const moves = new Set(OBJECTS[kind].inputs.filter((one) => one.moves).map(({ name }) => name));
    for (const one of list) one.replaces = one.replaces && moves.has(one.path);
  }
  return { list, deleteBeforeReplace: mustGoFirst(kind, oldInputs, news) };
}

function keepsName(olds: PulumiObject, news: PulumiObject): boolean {
  return unchanged("name", olds, news) && !isGenerated(news);
}

// Whether two could be there at once, should the engine replace it for whatever reason.
function mustGoFirst(kind: Kind, olds: PulumiObject, news: PulumiObject): boolean {
  if (!unchanged("host", olds, news) && !hasUnknown(news.host)) return false;
  const { owned, holdsData, clashes, type } = kindOf(kind);
  if (!owned) return false;
  if (holdsData) return unchanged("name", olds, news);
  if (keepsName(olds, news)) return true;
  if (!clashes) return false;
  const [old, now] = [olds, news].map((one) => {
    const fields = Object.entries(fieldsOf(kind, one));
    const known = fields.filter(([name, value]) => type.shape[name]?.safeParse(value).success);
    return Object.fromEntries(known.map(([name, value]) => [name, type.shape[name]!.parse(value)]));
  });
  return clashes(now, old);
}

function refuseLoss(kind: Kind, list: Difference[], olds: PulumiObject): void {
  const rules = new Map(OBJECTS[kind].inputs.map(({ name, rule }) => [name, rule]));
  const refused = list.filter(({ path }) => rules.get(path.split(/[.[]/)[0]!) === "refuse");
  if (refused.length === 0 || opened(olds.removeData ?? false) === true) return;
  const names = refused.map(({ path }) => path).join(", ");
  const name = opened(olds.name ?? "");
  throw new FairleadError(
    "conflict",
    `${kind} ${name}: ${names} cannot be changed without destroying its data`,
    { hint: "Take the edit back, give it another name, or first set removeData and run up." },
  );
}

function meaning(kind: Kind): SameMeaning {
  return ({ name }, a, b) => {
    if (hasUnknown(a) || hasUnknown(b)) return false;
    const [one, other] = [a, b].map((value) => {
      const { [name]: field } = fieldsOf(kind, { [name]: value });
      return field === undefined ? undefined : meaningOf(kind, name, field);
    });
    return one !== undefined && other !== undefined && sameNormal(one, other);
  };
}
