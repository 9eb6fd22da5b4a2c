// Makes, changes and removes one object through the engine's plan and apply.
import { randomBytes } from "node:crypto";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ProgressEvent } from "../../engine/report/progress.ts";
import { labelsOf } from "../../engine/single/definition.ts";
import {
  ensure,
  isOwnedBy,
  type MayTake,
  refuseOther,
  remove,
  replacementOf,
} from "../../engine/single/object.ts";
import { log } from "../protocol/log.ts";
import { Unknown } from "../protocol/value.ts";
import { type Attribute, snakeCase } from "../schema/attribute.ts";
import { type Diagnostic, diagnosticsOf, warning } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { type Connection, isUnreachable } from "../session/connections.ts";
import { declaredFields, singleOf } from "./declaration.ts";
import { idIn, shown } from "./definition.ts";
import { settled } from "./planning.ts";
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

/** What is done to an object that stays what it is. */
const KEEPS: ReadonlySet<string> = new Set(["start", "adopt", "verify"]);

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
  const mayTake: MayTake = ({ labels, id }, own) => {
    if (prior !== null) return true;
    const isOwn = isOwnedBy(labels, { project, name: resource });
    // What is ours and as declared was left by an interrupted run; all else is not ours to take.
    const asDeclared = own.every(({ action }) => KEEPS.has(action));
    if (planned.adopt !== true) {
      if (!asDeclared || !isOwn) return false;
      diagnostics.push(warning(`the ${kind} ${name} was there already, as declared`));
    }
    // It may also be what this run destroys next, when a creation comes before the destruction.
    session.taken.add(id);
    return true;
  };
  const connect = () => connection.connectAndInstall(signal);
  const { begun, errors, operations } = await ensure(
    single,
    { connect, signal, progress: logProgress },
    mayTake,
  );
  diagnostics.push(...errors.flatMap(diagnosticsOf));
  if (errors.length > 0 && (prior !== null || !begun)) {
    return { state: prior, remembered, diagnostics };
  }
  const found = await seenNow(work, object, resource).catch((error) => {
    diagnostics.push(...diagnosticsOf(error));
    return undefined;
  });
  if (!found) return { state: null, remembered, diagnostics };
  // Of what is owned the name was changed; of what is shared there is another one now.
  if (!kindOf(kind).owned && prior !== null && prior.name !== name) {
    const old = { ...call, prior, planned: null };
    diagnostics.push(...(await applyObject(kind, attributes, old, session)).diagnostics);
  }
  const replacement = replacementOf(operations, snakeCase) ?? null;
  const values = { ...found, name, replacement, id: `${connection.host}/${name}` };
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
  const taken = !kindOf(kind).owned || call.prior !== null || object.adopt === true;
  const owner = { project: session.settings.project, name: resource };
  return taken || isOwnedBy(labelsOf(kind, seen), owner) ? shown(kind, seen) : undefined;
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
  const host = String(prior.host);
  const gone = { state: null, remembered, diagnostics: [] };
  const { project, deleteUnreachable } = session.settings;
  // What was made anew in its place, also by a creation before this destruction, is another one.
  const id = idIn(kind, prior);
  const looking = session.observer.see(connection, kind, object, { id }).catch((error) => {
    if (!deleteUnreachable || !isUnreachable(error)) throw error;
    return undefined;
  });
  const looked = await looking;
  if (!looked) {
    const left = warning(`${host}/${object} is left behind: the host cannot be reached`);
    return { ...gone, diagnostics: [left] };
  }
  const { seen } = looked;
  if (!seen) return gone;
  if (session.taken.has(kindOf(kind).idOf(seen))) {
    const why = "create_before_destroy cannot make another one of its name beside it";
    const hint = "To have it made anew, take create_before_destroy away, or its name.";
    return { ...gone, diagnostics: [warning(`the ${kind} ${object} is kept: ${why}`, hint)] };
  }
  const single = singleOf(project, connection, kind, { object }, {});
  try {
    if (id === undefined && prior.adopt !== true) refuseOther(single, labelsOf(kind, seen));
    const connect = () => connection.connectAndInstall(signal);
    await remove(single, seen, { connect, signal, progress: logProgress });
    return gone;
  } catch (error) {
    const isUsed = error instanceof FairleadError && error.code === "conflict";
    if (kindOf(kind).owned || !isUsed) {
      return { state: prior, remembered, diagnostics: diagnosticsOf(error) };
    }
    return { ...gone, diagnostics: [warning(`${object} stays on the host`, error.message)] };
  }
}

function generatedName(project: string): string {
  return `${project}-${randomBytes(4).toString("hex")}`;
}

/** Writes down how an apply goes on. */
export function logProgress(event: ProgressEvent): void {
  const { id } = event.operation;
  if (event.type === "step") log("debug", `${id}: ${event.subject} ${event.text}`);
  else log("info", `${id}: ${event.type}`);
}
