// The state of a stack as its hosts have it, and the same for one that is imported.
import { shownFields } from "../../../resources/kinds/read-back.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { lastApplied, saltOf } from "../../../resources/plan/ownership.ts";
import { labelsOf } from "../../engine/single/definition.ts";
import { splitId } from "../resource/import-object.ts";
import type { Remembered, Session, StateAnswer } from "../resource/type.ts";
import { fromFields, type TerraformObject } from "../schema/translate.ts";
import { hostName } from "../session/connections.ts";
import { stackAttributes } from "./attributes.ts";
import { containersOf, type Own, ownObjects, placesAt, rememberedHosts } from "./hosts.ts";
import { drifted, type Outline, outlineOf } from "./outline.ts";

/** The state with what differs on the hosts; null when nothing of the project is left there. */
export async function readStack(
  state: TerraformObject,
  remembered: Remembered,
  session: Session,
): Promise<StateAnswer> {
  const places = await placesAt(state, remembered, session);
  const kept = rememberedHosts([state], remembered, session);
  const own = await ownObjects(state, places, session.stop);
  if (own.length === 0) return { state: null, remembered: kept, diagnostics: [] };
  const objects = Object.entries((state.objects ?? {}) as Record<string, Outline>);
  const found = objects.flatMap(([address, outline]): [string, Outline][] => {
    // Nothing is told apart of an image here; the plan compares its content.
    if (/(^|\/)image\//.test(address)) return [[address, outline]];
    const one = own.find((other) => other.address === address);
    return one ? [[address, driftedObject(state, one, outline)]] : [];
  });
  const seen = { objects: Object.fromEntries(found), containers: containersOf(own) };
  return { state: { ...state, ...seen }, remembered: kept, diagnostics: [] };
}

/** A stack that exists, by `HOST[,HOST]/NAME`. What its files say is not known from it. */
export async function importStack(id: string, session: Session): Promise<StateAnswer> {
  const { host, name } = splitId(id);
  const ids = host.split(",");
  const several = Object.fromEntries(ids.map((one) => [hostName(one), one]));
  const state: TerraformObject = {
    ...fromFields(stackAttributes, {}),
    ...{ id, name, ...(ids.length === 1 ? { host } : { hosts: several }) },
  };
  const places = await placesAt(state, {}, session, true);
  const own = await ownObjects(state, places, session.stop);
  if (own.length === 0) {
    throw new FairleadError("not_found", `there is nothing of the project ${name} on ${host}`);
  }
  const objects = own.map((one): [string, Outline] => {
    const place = { salt: saltOf(name, one.name), hidden: [] };
    return [one.address, outlineOf(lastApplied(labelsOf(one.kind, one.seen)), place)];
  });
  Object.assign(state, { objects: Object.fromEntries(objects), containers: containersOf(own) });
  return { state, remembered: rememberedHosts([state], {}, session), diagnostics: [] };
}

function driftedObject(state: TerraformObject, one: Own, outline: Outline): Outline {
  const place = { salt: saltOf(String(state.name), one.name), hidden: [] };
  // The image is compared by content in the plan; its name says only where it came from.
  const { image: _image, ...seen } = shownFields(one);
  return drifted(outline, seen, place);
}
