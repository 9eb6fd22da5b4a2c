// Makes, changes and removes one object through the engine's plan and apply.
import { randomBytes } from "node:crypto";
import { FairleadError } from "../../../resources/errors.ts";
import type { Operation, Plan } from "../../../resources/operation.ts";
import { ownerOf } from "../../../resources/ownership.ts";
import type { ProgressEvent } from "../../engine/progress.ts";
import { apply, plan } from "../../engine/reconcile.ts";
import type { Connection } from "../connections.ts";
import { type Diagnostic, diagnosticsOf, warning } from "../diagnostic.ts";
import { log } from "../log.ts";
import { Severity } from "../messages.ts";
import { settled } from "../planning.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { Unknown } from "../value.ts";
import { declaredFields, stackOf } from "./declaration.ts";
import { DEFINITIONS, type Definition, type ObjectKind } from "./definition.ts";
import { labelsOf } from "./read-object.ts";
import { deadline } from "./timeouts.ts";
import type { ApplyCall, Remembered, Session, StateAnswer } from "./type.ts";

/** Makes the object as planned; on failure what there is of it comes back with the errors. */
export async function applyObject(
  kind: ObjectKind,
  attributes: readonly Attribute[],
  call: ApplyCall,
  session: Session,
): Promise<StateAnswer> {
  const { prior, planned, remembered } = call;
  const host = String((planned ?? prior)!.host);
  const connection = await session.connections.find(host, remembered.connect);
  const connect = session.connections.fieldsOf(host);
  const kept = { ...remembered, ...(connect ? { connect } : {}) };
  if (planned === null) return removed(kind, prior!, connection, kept, session);
  const work: Work = { kind, attributes, call, connection, session, kept };
  return made(work, planned);
}

interface Work {
  kind: ObjectKind;
  attributes: readonly Attribute[];
  call: ApplyCall;
  connection: Connection;
  session: Session;
  kept: Remembered;
}

async function made(work: Work, planned: TerraformObject): Promise<StateAnswer> {
  const { kind, attributes, call, connection, session, kept } = work;
  const { prior, config } = call;
  const { project } = session.settings;
  const name = planned.name instanceof Unknown ? generatedName(project) : String(planned.name);
  const object = { ...planned, name };
  const fields = declaredFields(kind, attributes, object, config);
  const resource = kept.resource ?? name;
  const hidden = Object.keys((config?.env_wo as object | null) ?? {});
  const remembered: Remembered = { ...kept, resource };
  if (hidden.length > 0) remembered.hiddenEnv = hidden;
  else delete remembered.hiddenEnv;
  const adopts = prior !== null || planned.adopt === true;
  const named = { kind, name: kind === "image" ? "image" : resource, fields, adopt: adopts };
  const stack = stackOf(project, connection, named);
  const signal = deadline(planned, prior === null ? "create" : "update", session.stop);
  const options = { connect: () => connection.ready(signal), signal };
  const diagnostics: Diagnostic[] = [];
  let begun = false;
  try {
    const steps = await plan(stack, options);
    if (prior === null && !adopts) diagnostics.push(...alreadyThere(kind, name, steps));
    begun = true;
    const { failed } = await apply(stack, steps, { ...options, progress: told });
    diagnostics.push(...failed.flatMap(({ error }) => diagnosticsOf(error)));
    signal.throwIfAborted();
  } catch (error) {
    diagnostics.push(...diagnosticsOf(error));
  }
  const failed = diagnostics.some(({ severity }) => severity === Severity.error);
  if (failed && (prior !== null || !begun)) return { state: prior, remembered, diagnostics };
  const found = await shown(work, object, resource).catch((error) => {
    diagnostics.push(...diagnosticsOf(error));
    return undefined;
  });
  if (!found) return { state: null, remembered, diagnostics };
  if (kind === "image" && prior !== null && prior.name !== name) {
    const old = { ...call, prior, planned: null };
    diagnostics.push(...(await applyObject(kind, attributes, old, session)).diagnostics);
  }
  const values = { ...found, name, id: `${connection.host}/${name}` };
  return { state: settled(planned, values), remembered, diagnostics };
}

// Something of this name that is as declared is what an interrupted run left; anything else is not
// Terraform's to take.
function alreadyThere(kind: ObjectKind, name: string, steps: Plan): Diagnostic[] {
  if (kind === "image") return [];
  const own = steps.operations.filter((one) => one.kind === kind && one.object === name);
  if (own.some(({ action }) => action === "create")) return [];
  const leftover = own.every(({ action }) => action === "start" || action === "adopt");
  if (leftover) return [warning(`the ${kind} ${name} was there already, as declared`)];
  throw new FairleadError("conflict", `a ${kind} ${name} exists on the host and is another one`, {
    hint: "Import it, give this one another name, or set adopt to take it over.",
  });
}

async function shown(
  { kind, call, connection, session }: Work,
  object: TerraformObject,
  resource: string,
): Promise<TerraformObject | undefined> {
  const { seen } = await session.observer.see(connection, kind, String(object.name));
  if (!seen) return undefined;
  // An object of someone else, because of which a creation failed, is no part of the state.
  const owner = ownerOf(labelsOf(kind, seen));
  const taken = kind === "image" || call.prior !== null || object.adopt === true;
  const own = owner?.project === session.settings.project && owner.name === resource;
  return taken || own
    ? (DEFINITIONS[kind] as unknown as Definition).show(seen as never)
    : undefined;
}

async function removed(
  kind: ObjectKind,
  prior: TerraformObject,
  connection: Connection,
  remembered: Remembered,
  session: Session,
): Promise<StateAnswer> {
  const signal = deadline(prior, "delete", session.stop);
  const definition = DEFINITIONS[kind] as unknown as Definition;
  const id = definition.idAttribute && prior[definition.idAttribute];
  const object = String(prior.name);
  const { seen } = await session.observer.see(
    ...([connection, kind, object] as const),
    ...(typeof id === "string" ? [id] : []),
  );
  if (!seen) return { state: null, remembered, diagnostics: [] };
  const stack = stackOf(session.settings.project, connection, {
    ...{ kind, name: remembered.resource ?? object, fields: {}, adopt: true },
  });
  const steps = removal(stack.project, connection, kind, object, idOf(kind, seen));
  const options = { connect: () => connection.ready(signal), signal, progress: told };
  const { failed } = await apply({ ...stack, resources: [] }, steps, options);
  const inUse = kind === "image" && failed.every(({ error }) => error.code === "conflict");
  const diagnostics = failed.flatMap(({ error }) =>
    inUse ? [warning(`${object} stays on the host`, error.message)] : diagnosticsOf(error),
  );
  return { state: inUse || diagnostics.length === 0 ? null : prior, remembered, diagnostics };
}

function removal(
  project: string,
  { name: host }: Connection,
  kind: ObjectKind,
  object: string,
  objectId: string,
): Plan {
  const operation: Operation = {
    ...{ id: `${host}/${kind}/${object} remove`, action: "remove", host, kind, objectId },
    ...{ name: object, object, cause: "is destroyed" },
    ...{ changes: [], dependsOn: [], after: [], waitsFor: [] },
  };
  return {
    ...{ version: 1, project, direction: "down", operations: [operation] },
    hosts: [{ name: host, address: host, engine: "", version: "" }],
    ...{ unchanged: [], orphans: [], notes: [] },
  };
}

function idOf(kind: ObjectKind, seen: object): string {
  const { Id, Name } = seen as { Id?: string; Name?: string };
  return kind === "volume" ? Name! : Id!;
}

function generatedName(project: string): string {
  return `${project}-${randomBytes(4).toString("hex")}`;
}

function told(event: ProgressEvent): void {
  const { id } = event.operation;
  if (event.type === "step") log("debug", `${id}: ${event.subject} ${event.text}`);
  else log("info", `${id}: ${event.type}`);
}
