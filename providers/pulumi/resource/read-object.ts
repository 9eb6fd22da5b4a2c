// Sees what is on the host: for refresh every declared field that drifted, for import the whole
// declaration. An object that is not there is gone; a host that does not answer is an error.
import { driftedFields, importedFields, type Seen } from "../../../resources/kinds/read-back.ts";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { typeOf } from "../../../resources/kinds/shape.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { canEditLabels } from "../../../resources/plan/observed.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import {
  differences,
  factsOf,
  labelsOf,
  normalOf,
  type SeenOf,
} from "../../engine/single/definition.ts";
import { observeObject } from "../../engine/single/object.ts";
import { inputOf, OBJECTS } from "../schema/catalog.ts";
import type { Connection } from "../settings.ts";
import { hasSecret, isObject, opened, type PulumiObject, sealed } from "../value.ts";
import { connectionOf, digestOf, idIn, outputsOf, replaced } from "./apply-object.ts";
import { fieldsOf, inputOf as written } from "./declaration.ts";
import { partsOf, splitId, URN_LABEL } from "./identity.ts";
import { readLocalFiles } from "./local-files.ts";
import { type Call, deadline, type Session } from "./type.ts";

const READ_MS = 5 * 60_000;

export interface Found {
  id: string;
  inputs: PulumiObject;
  outputs: PulumiObject;
}

/** The object as the host has it; undefined when it is gone. */
export async function readObject(
  kind: Kind,
  call: Call,
  session: Session,
): Promise<Found | undefined> {
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, READ_MS);
  const imported = Object.keys(call.oldInputs).length === 0;
  const { host, object } = splitId(call.id);
  const engine = await connection.connectReadOnly(signal);
  const name = String(opened(call.oldInputs.name ?? object));
  const owner = { project: partsOf(call.urn).project, name };
  const known = { id: idIn(kind, call.olds), owner };
  const { seen, host: observed } = await observeObject(engine, kind, name, known, signal);
  if (!seen) return undefined;
  let inputs: PulumiObject;
  if (imported) {
    const { origin } = kindOf(kind);
    const object = origin?.objectOf(seen);
    const from =
      origin && object ? await observeObject(engine, origin.kind as Kind, object, {}, signal) : {};
    const one: Seen = { kind, seen, ...("seen" in from ? { origin: from.seen } : {}) };
    const lost = kindOf(kind).uncarried?.(seen) ?? [];
    if (lost.length > 0) {
      const what = `was made with ${lost.join(", ")}, which no property can say`;
      session.tell("warning", call.urn, `${name} ${what}: it goes when the object is made anew`);
    }
    inputs = { host, name, ...declaration(one), ...reached(call, connection) };
  } else {
    const context = {
      project: ownerOf(labelsOf(kind, seen))?.project ?? partsOf(call.urn).project,
      name: ownerOf(labelsOf(kind, seen))?.name ?? name,
      editsLabels: canEditLabels(observed.facts),
    };
    inputs = { ...call.oldInputs, ...(await drift(kind, seen, call.oldInputs, context)) };
    for (const key of Object.keys(inputs)) if (inputs[key] === null) delete inputs[key];
  }
  const digest = digestOf(kind, call.olds.filesDigest);
  const last = opened(call.olds.replacement ?? "");
  const facts = { ...factsOf(kind, seen), ...digest, ...replaced(kind, String(last)) };
  return { id: call.id, inputs, outputs: outputsOf(kind, inputs, facts, connection) };
}

// Only a connection that an id cannot say goes into the inputs of what is imported.
function reached(call: Call, connection: Connection): PulumiObject {
  const { host } = splitId(call.id);
  const said = host === "local" || /^(ssh|unix):\/\//.test(host);
  return said ? {} : { connection: connection.remembered };
}

function declaration(one: Seen): PulumiObject {
  const { kind } = one;
  const fields = importedFields(one);
  const entries = Object.entries(fields).flatMap(([field, value]) => {
    const property = inputOf(OBJECTS[kind], field);
    if (!property || property.name === "name") return [];
    const own = field === "labels" ? withoutMark(value) : value;
    const empty = isObject(own) && Object.keys(own).length === 0;
    if (own === undefined || empty) return [];
    const input = written(kind, property, own);
    // What an engine shows of the environment may hold secrets.
    return [[field, property.mayBeSecret ? sealed(input) : input]];
  });
  return Object.fromEntries(entries);
}

async function drift(
  kind: Kind,
  seen: SeenOf<Kind>,
  inputs: PulumiObject,
  context: { project: string; name: string; editsLabels: boolean },
): Promise<PulumiObject> {
  const fields = fieldsOf(kind, inputs);
  const local = (await readLocalFiles(kind, fields)) && kindOf(kind).localFiles;
  const mark = labelsOf(kind, seen)[URN_LABEL];
  if (mark !== undefined) {
    fields.labels = { ...((fields.labels as object) ?? {}), [URN_LABEL]: mark };
  }
  const { value: spec } = inspect(typeOf(kind), fields);
  if (!spec) return {};
  const change = differences(kind, spec, seen as never, context);
  const changes = "fields" in change ? change.fields : [];
  // A declared field that the engine does not show has not drifted.
  const shown = changes.filter(({ cause, from }) => cause !== "declared" || from !== undefined);
  // Whether files of this machine have changed is for Diff to see: the host cannot change them.
  const drifted = shown.filter(({ field }) => !(local && field.startsWith(local)));
  if (drifted.length === 0) return {};
  const found = driftedFields({ kind, seen }, normalOf(kind, spec), drifted);
  const entries = Object.entries(found).flatMap(([field, value]) => {
    const property = inputOf(OBJECTS[kind], field);
    if (!property) return [];
    const own = field === "labels" ? withoutMark(value) : value;
    const input = written(kind, property, own);
    return [[field, hasSecret(inputs[field]) ? sealed(opened(input)) : input]];
  });
  return Object.fromEntries(entries);
}

function withoutMark(labels: unknown): unknown {
  if (!isObject(labels)) return labels;
  const { [URN_LABEL]: _mark, ...rest } = labels;
  return rest;
}
