// Makes, changes and removes one object through the engine's plan and apply.
import { randomBytes } from "node:crypto";
import type { Kind } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import type { ProgressEvent } from "../../engine/progress.ts";
import { labelsOf } from "../../engine/single/definition.ts";
import { ensure, type MayTake, remove } from "../../engine/single/object.ts";
import type { Connection } from "../connections.ts";
import { type Diagnostic, diagnosticsOf, warning } from "../diagnostic.ts";
import { log } from "../log.ts";
import { settled } from "../planning.ts";
import type { Attribute } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { Unknown } from "../value.ts";
import { declaredFields, singleOf } from "./declaration.ts";
import { idIn, shown } from "./definition.ts";
import { deadline } from "./timeouts.ts";
import type { ApplyCall, Remembered, Session, StateAnswer } from "./type.ts";

/** Makes the object as planned; on failure what there is of it comes back with the errors. */
export async function applyObject(
  kind: Kind,
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
  kind: Kind;
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
  const resource = kept.resource ?? name;
  const remembered = rememberedOf({ ...kept, resource }, config);
  const fields = declaredFields(kind, attributes, object, config);
  const single = singleOf(project, connection, kind, { object: name, name: resource }, fields);
  const signal = deadline(planned, prior === null ? "create" : "update", session.stop);
  const diagnostics: Diagnostic[] = [];
  const mayTake: MayTake = (labels, own) => {
    if (prior !== null || planned.adopt === true) return true;
    // What is ours and as declared was left by an interrupted run; all else is not ours to take.
    const asDeclared = own.every(({ action }) => action === "start" || action === "adopt");
    if (!asDeclared || !isOwn(labels, project, resource)) return false;
    diagnostics.push(warning(`the ${kind} ${name} was there already, as declared`));
    return true;
  };
  const connect = () => connection.ready(signal);
  const { begun, errors } = await ensure(single, { connect, signal, progress: told }, mayTake);
  diagnostics.push(...errors.flatMap(diagnosticsOf));
  if (errors.length > 0 && (prior !== null || !begun)) {
    return { state: prior, remembered, diagnostics };
  }
  const found = await seenNow(work, object, resource).catch((error) => {
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

function rememberedOf(kept: Remembered, config: TerraformObject | null): Remembered {
  const { hiddenEnv: _old, ...rest } = kept;
  const hidden = Object.keys((config?.env_wo as object | null) ?? {});
  return hidden.length > 0 ? { ...rest, hiddenEnv: hidden } : rest;
}

async function seenNow(
  { kind, call, connection, session }: Work,
  object: TerraformObject,
  resource: string,
): Promise<TerraformObject | undefined> {
  const { seen } = await session.observer.see(connection, kind, String(object.name));
  if (!seen) return undefined;
  // An object of someone else, because of which a creation failed, is no part of the state.
  const taken = kind === "image" || call.prior !== null || object.adopt === true;
  const own = isOwn(labelsOf(kind, seen), session.settings.project, resource);
  return taken || own ? shown(kind, seen) : undefined;
}

function isOwn(labels: Record<string, string>, project: string, resource: string): boolean {
  const owner = ownerOf(labels);
  return owner?.project === project && owner.name === resource;
}

async function removed(
  kind: Kind,
  prior: TerraformObject,
  connection: Connection,
  remembered: Remembered,
  session: Session,
): Promise<StateAnswer> {
  const signal = deadline(prior, "delete", session.stop);
  const object = String(prior.name);
  const gone = { state: null, remembered, diagnostics: [] };
  const { seen } = await session.observer.see(connection, kind, object, idIn(kind, prior));
  if (!seen) return gone;
  const single = singleOf(session.settings.project, connection, kind, { object }, {});
  try {
    const connect = () => connection.ready(signal);
    await remove(single, seen, { connect, signal, progress: told });
    return gone;
  } catch (error) {
    if (kind !== "image" || !(error instanceof FairleadError) || error.code !== "conflict") {
      return { state: prior, remembered, diagnostics: diagnosticsOf(error) };
    }
    return { ...gone, diagnostics: [warning(`${object} stays on the host`, error.message)] };
  }
}

function generatedName(project: string): string {
  return `${project}-${randomBytes(4).toString("hex")}`;
}

/** Writes down how an apply goes on. */
export function told(event: ProgressEvent): void {
  const { id } = event.operation;
  if (event.type === "step") log("debug", `${id}: ${event.subject} ${event.text}`);
  else log("info", `${id}: ${event.type}`);
}
