// Makes, changes and deletes one object on a host, and says what there is of it afterwards, also
// when that went wrong half-way.

import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ownerOf } from "../../../resources/plan/ownership.ts";
import { signalWithin } from "../../engine/deadline.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { untilCompleted } from "../../engine/lifecycle/verify.ts";
import type { ProgressEvent } from "../../engine/report/progress.ts";
import { factsOf, labelsOf } from "../../engine/single/definition.ts";
import {
  ensure,
  observeObject,
  refuseOther,
  remove,
  replacementOf,
  type Single,
} from "../../engine/single/object.ts";
import { portOf } from "../schema/catalog.ts";
import { type Connection, isUnreachable } from "../settings.ts";
import { isObject, opened, type PulumiObject, type PulumiValue } from "../value.ts";
import { fieldsOf } from "./declaration.ts";
import { textOf } from "./failure.ts";
import { idOf, partsOf, splitId, URN_LABEL } from "./identity.ts";
import { filesDigest } from "./local-files.ts";
import { type Call, deadline, type Made, type Session } from "./type.ts";

const MAKE_MS = 20 * 60_000;
const DELETE_MS = 10 * 60_000;

/** The host of an object: as its inputs say, else as this run knows it, else as it remembers. */
export function connectionOf(call: Call, session: Session): Connection {
  const { news, oldInputs, olds } = call;
  const host = String(opened(news.host ?? oldInputs.host ?? olds.host ?? splitId(call.id).host));
  const given = [news.connection, oldInputs.connection].find((one) => one !== undefined);
  const remembered = session.connections.declared(host) ?? olds.connection;
  const connection = given ?? remembered;
  return session.connections.find(host, connection === undefined ? connection : opened(connection));
}

/** Makes the object of the new inputs, or changes it to them; throws when nothing is there. */
export async function applyObject(kind: Kind, call: Call, session: Session): Promise<Made> {
  const { news, urn } = call;
  const isNew = call.id === "";
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, MAKE_MS);
  const { project } = partsOf(urn);
  const name = String(opened(news.name ?? splitId(call.id).object));
  const fields = fieldsOf(kind, news);
  const single: Single = {
    ...{ kind, project, host: connection.name, spec: connection.spec, object: name, fields },
  };
  const engine = await connection.connectAndInstall(signal);
  if (isNew) await removeLeftovers(single, call, { engine, connection, session, signal });
  if (kindOf(kind).owned) await markUrn(single, engine, urn, isNew, signal);
  const work = {
    connect: () => connection.connectAndInstall(signal),
    signal,
    progress: progressReporter(session, urn),
  };
  const adopts = !isNew || opened(news.adopt ?? false) === true;
  const { begun, errors, operations } = await ensure(single, work, ({ labels }) => {
    return adopts || labels[URN_LABEL] === urn;
  });
  if (errors.length > 0 && !begun) throw errors[0];
  if (errors.length === 0 && fields.job === true) {
    const report = (_: string, text: string) => session.tell("info", urn, `${name} ${text}`, true);
    await untilCompleted(engine, name, report, signal).catch((error) => errors.push(error));
  }
  // After an abort there is still a moment to see what was made.
  const seeing = signal.aborted ? signalWithin(3000) : signal;
  const { seen } = await observeObject(engine, kind, name, {}, seeing);
  const taken = adopts || !kindOf(kind).owned;
  const own = seen && (taken || isOwn(labelsOf(kind, seen), project, urn));
  if (errors.length > 0 && !own && isNew) throw errors[0];
  const replacement = replacementOf(operations, (field) => field);
  // The old one is back in its place: nothing of the state has changed.
  const rolledBack =
    replacement !== undefined && seen && idIn(kind, call.olds) === kindOf(kind).idOf(seen);
  if (errors.length > 0 && rolledBack) throw errors[0];
  if (!seen) throw errors[0] ?? new FairleadError("internal", `${kind} ${name} is not there`);
  const host = String(opened(news.host ?? null));
  const digest = digestOf(kind, await filesDigest(kind, urn, news));
  return {
    id: isNew ? idOf(host, name) : call.id,
    outputs: outputsOf(
      kind,
      { ...news, name },
      { ...factsOf(kind, seen), ...digest, ...replaced(kind, replacement) },
      connection,
    ),
    reasons: errors.map(textOf),
  };
}

/** The inputs with all that is known of the object. */
export function outputsOf(
  kind: Kind,
  inputs: PulumiObject,
  facts: Record<string, unknown>,
  connection: Connection,
): PulumiObject {
  const port = portOf(kind);
  const shown = Object.fromEntries(Object.entries(facts).filter(([name]) => name !== port));
  const url = port === undefined ? {} : { url: urlOf(connection, facts[port]) };
  const own = { ...(shown as PulumiObject), ...url };
  return { ...inputs, ...own, connection: inputs.connection ?? connection.remembered };
}

/** The id on the host that a state remembers; undefined for what has none. */
export function idIn(kind: Kind, outputs: PulumiObject): string | undefined {
  const fact = kindOf(kind).facts.find(({ isId }) => isId);
  const id = fact && opened(outputs[fact.name] ?? null);
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** How the object was made anew in its place, for kinds of which one can be. */
export function replaced(kind: Kind, replacement = ""): { replacement?: string } {
  return kindOf(kind).replaces ? { replacement } : {};
}

/** The digest of files that one is given, for kinds of which one can be. */
export function digestOf(kind: Kind, digest: PulumiValue = ""): { filesDigest?: PulumiValue } {
  return kindOf(kind).localFiles === undefined ? {} : { filesDigest: digest };
}

/** `http://HOST:PORT`. */
export function urlOf({ spec }: Connection, port: unknown): string {
  if (typeof port !== "number") return "";
  const name = spec.host === "local" ? "localhost" : spec.host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** Removes the object unless it is gone already; a volume's data stays unless told. */
export async function deleteObject(kind: Kind, call: Call, session: Session): Promise<void> {
  const { urn } = call;
  const inputs = { ...call.olds, ...call.oldInputs };
  const { holdsData, owned } = kindOf(kind);
  if (holdsData && opened(inputs.removeData ?? false) !== true) {
    const stays = `the ${kind} stays on the host with its data (removeData is not set)`;
    session.tell("info", urn, stays);
    return;
  }
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, DELETE_MS);
  const object = String(opened(inputs.name ?? splitId(call.id).object));
  try {
    const engine = await connection.connectReadOnly(signal);
    const id = idIn(kind, inputs);
    const { seen } = await observeObject(engine, kind, object, { id }, signal);
    if (!seen) return;
    const single = { kind, project: partsOf(urn).project, host: connection.name, object };
    if (id === undefined && opened(inputs.adopt ?? false) !== true) {
      refuseOther(single, labelsOf(kind, seen));
    }
    const connect = () => connection.connectReadOnly(signal);
    const work = { connect, signal, progress: progressReporter(session, urn) };
    await remove({ ...single, spec: connection.spec }, seen, work);
  } catch (error) {
    if (!owned && error instanceof FairleadError && error.code === "conflict") {
      session.tell("warning", urn, `the ${kind} stays, something uses it: ${error.message}`);
      return;
    }
    if (!leaves(error, inputs, session)) throw error;
    session.tell("warning", urn, `left behind, as the host cannot be reached: ${textOf(error)}`);
  }
}

/** Whether a deletion counts as done when the host cannot be reached. */
export function leaves(error: unknown, inputs: PulumiObject, session: Session): boolean {
  const own = opened(inputs.deleteUnreachable ?? null);
  const wanted = typeof own === "boolean" ? own : session.connections.settings.deleteUnreachable;
  return wanted && isUnreachable(error);
}

function isOwn(labels: Record<string, string>, project: string, urn: string): boolean {
  return labels[URN_LABEL] === urn || ownerOf(labels)?.project === project;
}

/** Adds the label to the fields; an object without one keeps having none: not all can add it. */
export async function markUrn(
  single: Single,
  engine: EngineClient,
  urn: string,
  isNew: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { seen } = await observeObject(engine, single.kind, single.object, {}, signal);
  const mark = seen ? labelsOf(single.kind, seen)[URN_LABEL] : isNew ? urn : undefined;
  if (mark === undefined) return;
  const labels = isObject(single.fields.labels) ? single.fields.labels : {};
  single.fields.labels = { ...labels, [URN_LABEL]: mark } as PulumiValue;
}

interface Place {
  engine: EngineClient;
  connection: Connection;
  session: Session;
  signal: AbortSignal;
}

// What a killed run made and no state knows; with generated names it is found by its label only.
// What holds data has a lasting name, so that it is taken over instead.
async function removeLeftovers(
  { kind, project, host, spec }: Single,
  { urn, news }: Call,
  { engine, connection, session, signal }: Place,
): Promise<void> {
  const { owned, holdsData, seenOn, nameOf } = kindOf(kind);
  if (!owned || holdsData) return;
  const known = session.known.get(urn);
  for (const seen of seenOn(await session.observed(connection, engine, project))) {
    const object = nameOf(seen);
    if (labelsOf(kind, seen)[URN_LABEL] !== urn) continue;
    if (object === opened(news.name ?? null) || known?.has(object)) continue;
    session.tell("info", urn, `removing ${object}, which an interrupted run left`);
    const work = { connect: async () => engine, signal, progress: progressReporter(session, urn) };
    await remove({ kind, project, host, spec, object }, seen, { ...work, stopSeconds: 0 });
  }
}

function progressReporter(session: Session, urn: string): (event: ProgressEvent) => void {
  // Without a terminal each is a line of its own: nothing is said twice.
  const said = new Map<string, string>();
  return (event) => {
    const { action, kind, object } = event.operation;
    if (event.type === "step") {
      const text = `${event.subject} ${event.text}${shareOf(event)}`;
      if (said.get(event.subject) === text) return;
      said.set(event.subject, text);
      session.tell("info", urn, text, true);
    } else if (event.type === "started")
      session.tell("info", urn, `${action} ${kind} ${object}`, true);
    else if (event.type === "rolledBack") session.tell("warning", urn, event.message);
  };
}

function shareOf({ doneBytes, totalBytes }: { doneBytes?: number; totalBytes?: number }): string {
  if (doneBytes === undefined || !totalBytes) return "";
  return ` ${Math.floor((doneBytes / totalBytes) * 10) * 10} %`;
}
