// The hosts of a fairlead_compose_stack: their connections, and what there is of the project.
import type { Seen } from "../../../resources/kinds/read-back.ts";
import { KINDS, type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import type { Connect } from "../../engine/engine.ts";
import { observeHost } from "../../engine/reconcile/observing.ts";
import { factsOf } from "../../engine/single/definition.ts";
import type { Remembered, Session } from "../resource/type.ts";
import type { TerraformObject } from "../schema/translate.ts";
import type { Connection } from "../session/connections.ts";
import { addressIn, placesOf } from "./declared.ts";

/** By the host's name in the stack. */
export type Places = Map<string, Connection>;

/** The connections of a stack whose hosts are all known; throws for one that is not. */
export async function placesAt(
  stack: TerraformObject,
  remembered: Remembered,
  session: Session,
  waits = false,
): Promise<Places> {
  const found = Object.entries(placesOf(stack)).map(async ([name, id]) => {
    const host = String(id);
    const fields = remembered.hosts?.[host];
    return [name, await session.connections.find(host, fields, waits)] as const;
  });
  return new Map(await Promise.all(found));
}

/** What is remembered of the hosts, so that a later process finds them. */
export function rememberedHosts(
  stacks: readonly (TerraformObject | null)[],
  remembered: Remembered,
  session: Session,
): Remembered {
  const ids = stacks.flatMap((stack) => (stack ? Object.values(placesOf(stack)) : []));
  const entries = ids.flatMap((id) => {
    if (id === null) return [];
    const fields = session.connections.fieldsOf(id) ?? remembered.hosts?.[id];
    return fields ? [[id, fields] as const] : [];
  });
  return { ...remembered, hosts: Object.fromEntries(entries) };
}

/** The engines of the places, looked at only or made ready for work. */
export function connecting(places: Places, way: "connectReadOnly" | "connectAndInstall"): Connect {
  return (name, _spec, signal) => places.get(name)![way](signal);
}

/** An object of the project on one of its hosts. */
export type Own = Seen & {
  /** `HOST/KIND/NAME`; `KIND/NAME` where there is one host. */
  address: string;
  /** `HOST/NAME`; `NAME` where there is one host. */
  shown: string;
  name: string;
};

/** Everything on the hosts that belongs to the project. */
export async function ownObjects(
  stack: TerraformObject,
  places: Places,
  signal: AbortSignal,
): Promise<Own[]> {
  const project = String(stack.name);
  const found = [...places].map(async ([host, connection]) => {
    const engine = await connection.connectReadOnly(signal);
    const observed = await observeHost(engine, { project }, { signal });
    return KINDS.filter(({ owned }) => owned).flatMap(({ kind, seenOn, labelsOf }) =>
      seenOn(observed).flatMap((seen): Own[] => {
        const owner = ownerOf(labelsOf(seen));
        if (owner?.project !== project) return [];
        const address = addressIn(stack, host, kind, owner.name);
        const shown = addressIn(stack, host, owner.name);
        return [{ ...{ kind: kind as Kind, seen }, address, shown, name: owner.name }];
      }),
    );
  });
  return (await Promise.all(found)).flat();
}

/** What runs, as the state shows it. */
export function containersOf(own: readonly Own[]): TerraformObject {
  const rows = own.flatMap((one): [string, TerraformObject][] => {
    if (!kindOf(one.kind).runs) return [];
    const facts = factsOf(one.kind, one.seen);
    const row = {
      name: kindOf(one.kind).nameOf(one.seen),
      container_id: String(facts.containerId),
      image_id: String(facts.imageId),
      status: String(facts.status),
      addresses: facts.addresses as TerraformObject,
    };
    return [[one.shown, row]];
  });
  return Object.fromEntries(rows);
}
