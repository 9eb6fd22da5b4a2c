// The resource handler of what lives on a host: containers, images, networks and volumes.
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { isRefusal, planned, replacementOf, type Single } from "../../engine/single/object.ts";
import { refusals } from "../../engine/single/refusals.ts";
import { OBJECTS, portOf } from "../schema/catalog.ts";
import { isUnreachable } from "../settings.ts";
import { hasUnknown, opened, type PulumiObject, sameValue, UNKNOWN } from "../value.ts";
import { applyObject, connectionOf, deleteObject, markUrn, urlOf } from "./apply-object.ts";
import { checkObject } from "./check-object.ts";
import { fieldsOf, inputPath } from "./declaration.ts";
import { diffObject } from "./diff-object.ts";
import { type Failure, pathParts, pathText, textOf } from "./failure.ts";
import { idOf, partsOf, splitId } from "./identity.ts";
import { filesDigest } from "./local-files.ts";
import { readObject } from "./read-object.ts";
import {
  type Call,
  type Difference,
  deadline,
  type Made,
  type ResourceHandler,
  type Session,
} from "./type.ts";

const LOOK_MS = 60_000;

/** The handler of a kind of object. */
export function objectHandler(kind: Kind): ResourceHandler {
  return {
    async check(call, session) {
      remember(call.urn, call.olds, session);
      const found = checkObject(kind, call);
      found.failures.push(...elsewhere(kind, call.news, session));
      if (found.failures.length === 0 && !sameValue(call.olds, found.inputs)) {
        found.failures.push(...(await refused(kind, found.inputs, session)));
      }
      return found;
    },
    async diff(call, session) {
      remember(call.urn, call.oldInputs, session);
      const found = diffObject(kind, call.oldInputs, call.olds, call.news);
      const { localFiles, content } = kindOf(kind);
      if (localFiles !== undefined) {
        found.list.push(...(await changedFiles(kind, localFiles, call, found.list, session)));
      }
      if (content && found.list.every(({ replaces }) => !replaces)) {
        if ((await newContent(kind, call, session)) !== undefined) {
          const [path, input] = [content.fact, false];
          found.list.push({ path, kind: "update", replaces: false, input });
        }
      }
      return found;
    },
    create: (call, session) => {
      return call.preview ? previewCreate(kind, call, session) : applyObject(kind, call, session);
    },
    update: (call, session) => {
      return call.preview ? previewUpdate(kind, call, session) : applyObject(kind, call, session);
    },
    read: (call, session) => readObject(kind, call, session),
    delete: (call, session) => deleteObject(kind, call, session),
  };
}

// What is named by its id, and is on another host.
function elsewhere(kind: Kind, news: PulumiObject, session: Session): Failure[] {
  try {
    fieldsOf(kind, news, (id) => session.connections.declared(id) !== undefined);
    return [];
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return [{ property: "", reason: error.message }];
  }
}

// What of it the engine of its host cannot do; a host that this run makes cannot be asked.
async function refused(
  kind: Kind,
  inputs: PulumiObject,
  { connections, stop }: Session,
): Promise<Failure[]> {
  const host = opened(inputs.host ?? null);
  if (typeof host !== "string" || host === UNKNOWN || hasUnknown(inputs.connection)) return [];
  // The id of a Host that has not said yet how it is reached is no address.
  const isAddress = host === "local" || host.includes("://");
  if (inputs.connection === undefined && !isAddress && !connections.declared(host)) return [];
  const said = inputs.connection === undefined ? undefined : opened(inputs.connection);
  const found = await refusals(kind, fieldsOf(kind, inputs), connections.find(host, said), stop);
  return found.map(({ path, message, hint }) => ({
    property: pathText(inputPath(pathParts(path).slice(2), inputs)),
    reason: hint === undefined ? message : `${message}; ${hint}`,
  }));
}

// A file of this machine may have another content under the same inputs.
async function changedFiles(
  kind: Kind,
  field: string,
  { urn, olds, news }: Call,
  list: Difference[],
  session: Session,
): Promise<Difference[]> {
  const before = opened(olds.filesDigest ?? null);
  if (typeof before !== "string" || hasUnknown(news[field])) return [];
  if (list.some(({ path }) => path.startsWith(field))) return [];
  const now = await filesDigest(kind, urn, news);
  if (now === before) return [];
  if (now === undefined) {
    session.tell("warning", urn, "its files are not compared: one of them cannot be read here");
    return [];
  }
  return [{ path: field, kind: "update", replaces: false, input: false }];
}

// What the state knows is no leftover of a killed run.
function remember(urn: string, inputs: PulumiObject, session: Session): void {
  const name = opened(inputs.name ?? null);
  if (typeof name !== "string") return;
  const names = session.known.get(urn) ?? new Set();
  session.known.set(urn, names.add(name));
}

// Everything that can be known before the object is there; nothing else.
async function previewCreate(kind: Kind, call: Call, session: Session): Promise<Made> {
  const { news } = call;
  const known = !hasUnknown(news.host) && !hasUnknown(news.name);
  const id = known ? idOf(String(opened(news.host ?? "")), String(opened(news.name ?? ""))) : "";
  const url = knownUrl(kind, call, session);
  return { id, outputs: { ...news, ...(url === undefined ? {} : { url }) }, reasons: [] };
}

async function previewUpdate(kind: Kind, call: Call, session: Session): Promise<Made> {
  const { olds, news, oldInputs } = call;
  const outputs: PulumiObject = { ...kept(olds, oldInputs), ...news };
  const { content, facts, replaces, localFiles } = kindOf(kind);
  if (content) {
    const now = await newContent(kind, call, session);
    if (now === undefined) return { id: call.id, outputs, reasons: [] };
    for (const { name, changes } of facts) if (changes === "withWork") outputs[name] = UNKNOWN;
    return { id: call.id, outputs: { ...outputs, [content.fact]: now }, reasons: [] };
  }
  const { list } = diffObject(kind, oldInputs, olds, news);
  const fields = new Set(list.map(({ path }) => /^\w+/.exec(path)![0]));
  const known = hasUnknown(news) ? undefined : await operationsOn(kind, call, session);
  const rules = OBJECTS[kind].inputs.filter(({ name }) => fields.has(name));
  const guessed = rules.some(({ rule }) => rule === "replace") ? UNKNOWN : undefined;
  const replacement = known ? replacementOf(known, (field) => field) : guessed;
  const givenAnew = localFiles !== undefined && fields.has(localFiles);
  const anew = replacement !== undefined || (olds.filesDigest !== undefined && givenAnew);
  const starts = known?.some(({ action }) => action === "start") ?? fields.has("status");
  const by = { withObject: anew, withStart: anew || starts, withWork: true, never: false };
  for (const fact of facts) {
    if (fact.type === "port") continue;
    const moved = fact.with?.some((field) => fields.has(field));
    if (by[fact.changes] || moved) outputs[fact.name] = UNKNOWN;
  }
  if (replaces) outputs.replacement = replacement ?? (anew ? UNKNOWN : "");
  if (anew && portOf(kind) !== undefined) {
    const moved = fields.has("ports");
    outputs.url = (moved ? knownUrl(kind, call, session) : olds.url) ?? UNKNOWN;
  }
  if (anew && givenAnew) outputs.filesDigest = UNKNOWN;
  return { id: call.id, outputs, reasons: [] };
}

// What the host has to do; undefined when it cannot be asked, or not before something else is made.
async function operationsOn(kind: Kind, call: Call, session: Session) {
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, LOOK_MS);
  const object = String(opened(call.news.name ?? splitId(call.id).object));
  const fields = fieldsOf(kind, call.news);
  const single: Single = {
    ...{ kind, project: partsOf(call.urn).project, host: connection.name },
    ...{ spec: connection.spec, object, fields },
  };
  try {
    const engine = await connection.connectReadOnly(signal);
    await markUrn(single, engine, call.urn, false, signal);
    return await planned(single, { connect: async () => engine, signal });
  } catch (error) {
    if (isRefusal(kind, error) || signal.aborted) throw error;
    return undefined;
  }
}

// Outputs that are no inputs; an input that was taken away is no output any more.
function kept(olds: PulumiObject, oldInputs: PulumiObject): PulumiObject {
  const inputs = new Set(Object.keys(oldInputs));
  return Object.fromEntries(Object.entries(olds).filter(([name]) => !inputs.has(name)));
}

// Where it will be reached, when its first port is declared and so is known before it is there.
function knownUrl(kind: Kind, call: Call, session: Session): string | undefined {
  if (portOf(kind) === undefined) return undefined;
  const { news } = call;
  if (hasUnknown(news.host) || hasUnknown(news.connection) || hasUnknown(news.ports)) {
    return undefined;
  }
  const { ports } = fieldsOf(kind, news);
  if (!Array.isArray(ports)) return undefined;
  const [first] = ports;
  const match = /^(?:[^:]+:)?(\d+):\d+(?:\/tcp)?$/.exec(String(first));
  const port = match ? Number(match[1]) : (first as { published?: unknown }).published;
  return typeof port === "number" ? urlOf(connectionOf(call, session), port) : undefined;
}

// The content that it now has where it comes from, when the host has another one: its id, or
// unknown. Undefined when nothing is to be brought.
async function newContent(kind: Kind, call: Call, session: Session) {
  const { news, urn } = call;
  const fields = fieldsOf(kind, news);
  if (!kindOf(kind).content?.mayChange(fields) || hasUnknown(news)) return undefined;
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, LOOK_MS);
  const single: Single = {
    ...{ kind, project: partsOf(urn).project, host: connection.name },
    ...{ spec: connection.spec, object: String(opened(news.name ?? "")), fields },
  };
  try {
    const [bring] = await planned(single, {
      connect: () => connection.connectReadOnly(signal),
      signal,
    });
    return bring && (bring.image ?? UNKNOWN);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    session.tell("warning", urn, `cannot compare the ${kind}: ${textOf(error)}`);
    return undefined;
  }
}
