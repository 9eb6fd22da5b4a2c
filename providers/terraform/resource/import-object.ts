// Takes what exists into Terraform's state: HOST/NAME, with every field that was declared.
import { importedFields } from "../../../resources/kinds/read-back.ts";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import { labelsOf } from "../../engine/single/definition.ts";
import type { Attribute } from "../schema/attribute.ts";
import { warning } from "../schema/diagnostic.ts";
import { fromFields, type TerraformObject } from "../schema/translate.ts";
import { shown } from "./definition.ts";
import type { Remembered, Session, StateAnswer } from "./type.ts";

/** The state of an object that exists; throws `not_found` when there is none. */
export async function importObject(
  kind: Kind,
  attributes: readonly Attribute[],
  id: string,
  session: Session,
): Promise<StateAnswer> {
  const { host, name: given } = splitId(id);
  const { uncarried, nameFor } = kindOf(kind);
  const name = nameFor?.(given) ?? given;
  const connection = await session.connections.find(host, undefined, true);
  const { seen } = await session.observer.see(connection, kind, name);
  if (!seen) {
    throw new FairleadError("not_found", `there is no ${kind} ${name} on ${host}`);
  }
  const state: TerraformObject = {
    ...fromFields(attributes, await declared(kind, seen, connection, session)),
    ...shown(kind, seen),
    ...{ id: `${host}/${name}`, host, name },
  };
  const owner = ownerOf(labelsOf(kind, seen));
  const connect = session.connections.fieldsOf(host);
  const remembered: Remembered = {
    ...(connect ? { connect } : {}),
    ...(owner?.project === session.settings.project ? { resource: owner.name } : {}),
  };
  const lost = uncarried?.(seen) ?? [];
  const what = `${host}/${name} was made with ${lost.join(", ")}, which no attribute can say`;
  const hint = "It keeps that until it is made anew, which a changed attribute may do.";
  return { state, remembered, diagnostics: lost.length > 0 ? [warning(what, hint)] : [] };
}

/** The host and the name of `HOST/NAME`, where HOST may be an address. */
export function splitId(id: string): { host: string; name: string } {
  const [, host, name] = /^(ssh:\/\/[^/]+|unix:\/\/[^ ]*?\.sock|[^/]+)\/(.+)$/.exec(id) ?? [];
  if (host && name) return { host, name };
  throw new FairleadError("invalid", `${JSON.stringify(id)} is no id of an object on a host`, {
    hint: "Write HOST/NAME: the id of a fairlead_host or an address, and the name on the host.",
  });
}

async function declared(
  kind: Kind,
  seen: object,
  connection: Parameters<Session["observer"]["see"]>[0],
  session: Session,
) {
  const { origin } = kindOf(kind);
  const object = origin?.objectOf(seen);
  if (!origin || object === undefined) return importedFields({ kind, seen });
  const from = await session.observer.see(connection, origin.kind as Kind, object);
  return importedFields({ kind, seen, origin: from.seen });
}
