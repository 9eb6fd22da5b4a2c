// What is on the host, as Terraform's state: drift of every declared field, and what is gone.

import { driftedFields, type Seen, shownFields } from "../../../resources/kinds/read-back.ts";
import type { Kind } from "../../../resources/kinds/registry.ts";
import { typeOf } from "../../../resources/kinds/shape.ts";
import { fingerprint } from "../../../resources/model/canonical.ts";
import type { FieldChange } from "../../../resources/model/change.ts";
import { check } from "../../../resources/model/schema.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { canEditLabels } from "../../../resources/plan/observed.ts";
import { lastApplied, ownerOf, saltOf } from "../../../resources/plan/ownership.ts";
import { differences, labelsOf, normalOf } from "../../engine/single/definition.ts";
import type { Attribute } from "../schema/attribute.ts";
import { warning } from "../schema/diagnostic.ts";
import { fromField, type TerraformObject } from "../schema/translate.ts";
import { addressOf, isUnreachable } from "../session/connections.ts";
import { declaredFields } from "./declaration.ts";
import { idIn, shown } from "./definition.ts";
import type { Remembered, Session, StateAnswer } from "./type.ts";

/**
 * The state as the host has it; null when the object is gone. Throws when the host cannot be
 * asked.
 */
export async function readObject(
  kind: Kind,
  attributes: readonly Attribute[],
  state: TerraformObject,
  remembered: Remembered,
  session: Session,
): Promise<StateAnswer> {
  const host = String(state.host);
  const connection = await session.connections.find(host, remembered.connect);
  const name = String(state.name);
  const mine = { project: session.settings.project, name: remembered.resource ?? name };
  const known = { id: idIn(kind, state), owner: mine };
  const seeing = session.observer.see(connection, kind, name, known).catch((error) => {
    if (addressOf(host) !== undefined || !isUnreachable(error)) throw error;
    // The plan decides: that another way leads to the host may be what it is about.
    session.unreachable.set(host, error);
    return undefined;
  });
  const found = await seeing;
  if (!found) {
    const stale = warning(`${host}/${name} is as it was seen last: the host cannot be reached`);
    return { state, remembered, diagnostics: [stale] };
  }
  const { seen, host: observed } = found;
  const connect = session.connections.fieldsOf(host);
  const kept = { ...remembered, ...(connect ? { connect } : {}) };
  if (!seen) return { state: null, remembered: kept, diagnostics: [] };
  const shownNow: TerraformObject = { ...state, ...shown(kind, seen) };
  shownNow.id = `${host}/${state.name}`;
  const labels = labelsOf(kind, seen);
  const owner = ownerOf(labels);
  const context = {
    project: owner?.project ?? session.settings.project,
    name: owner?.name ?? String(state.name),
    editsLabels: canEditLabels(observed.facts),
  };
  const spec = check(typeOf(kind), declaredFields(kind, attributes, state));
  const change = differences(kind, spec, seen, context);
  const hidden = new Set(remembered.hiddenEnv?.map((name) => `env.${name}`));
  const changes = ("fields" in change ? change.fields : []).filter(
    ({ field, from, cause }) => !hidden.has(field) && !(cause === "declared" && from === undefined),
  );
  const one: Seen = { kind, seen };
  Object.assign(shownNow, drift(one, normalOf(kind, spec), changes, attributes, state));
  if (hidden.size > 0 && hiddenDrift(labels, one, remembered.hiddenEnv!, context)) {
    shownNow.env_wo_version = null;
  }
  return { state: shownNow, remembered: kept, diagnostics: [] };
}

function drift(
  one: Seen,
  normal: ReturnType<typeof normalOf>,
  changes: FieldChange[],
  attributes: readonly Attribute[],
  state: TerraformObject,
): TerraformObject {
  const fields = driftedFields(one, normal, changes);
  const found = attributes.filter(({ field }) => field !== undefined && field in fields);
  return Object.fromEntries(
    found.map((attribute) => {
      const value = fromField(attribute.type, fields[attribute.field!]);
      const bare = value !== null && typeof value === "object" && Object.keys(value).length === 0;
      return [attribute.name, bare && state[attribute.name] === null ? null : value];
    }),
  );
}

// The label has the hash of a write-only value, and so tells whether the container still has it.
function hiddenDrift(
  labels: Record<string, string>,
  one: Seen,
  names: readonly string[],
  { project, name }: { project: string; name: string },
): boolean {
  const last = (lastApplied(labels).env ?? {}) as Record<string, unknown>;
  const shown = (shownFields(one).env ?? {}) as Record<string, string>;
  return names.some((key) => {
    const value = shown[key];
    const place = `${saltOf(project, name)}.env.${key}`;
    return value === undefined || fingerprint(new Secret(value), place) !== last[key];
  });
}
