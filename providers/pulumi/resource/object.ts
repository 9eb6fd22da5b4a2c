// The resource handler of what lives on a host: containers, images, networks and volumes.
import { kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { isRefusal, planned, replacementOf, type Single } from "../../engine/single/object.ts";
import { OBJECTS, type ObjectKind } from "../schema/catalog.ts";
import { isUnreachable } from "../settings.ts";
import { hasUnknown, opened, type PulumiObject, UNKNOWN } from "../value.ts";
import { applyObject, connectionOf, deleteObject, markUrn, urlOf } from "./apply-object.ts";
import { checkObject } from "./check-object.ts";
import { fieldsOf } from "./declaration.ts";
import { diffObject } from "./diff-object.ts";
import { type Failure, textOf } from "./failure.ts";
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
export function objectHandler(kind: ObjectKind): ResourceHandler {
  return {
    check(call, session) {
      remember(call.urn, call.olds, session);
      const found = checkObject(kind, call);
      found.failures.push(...elsewhere(kind, call.news, session));
      return found;
    },
    async diff(call, session) {
      remember(call.urn, call.oldInputs, session);
      const found = diffObject(kind, call.oldInputs, call.olds, call.news);
      if (kind === "container") found.list.push(...(await changedFiles(call, found.list, session)));
      if (kind === "image" && found.list.every(({ replaces }) => !replaces)) {
        if ((await newContent(call, session)) !== undefined) {
          found.list.push({ path: "ref", kind: "update", replaces: false, input: false });
        }
      }
      return found;
    },
    create: (call, session) => {
      return call.preview ? foreseen(kind, call, session) : applyObject(kind, call, session);
    },
    update: (call, session) => {
      return call.preview ? changed(kind, call, session) : applyObject(kind, call, session);
    },
    read: (call, session) => readObject(kind, call, session),
    delete: (call, session) => deleteObject(kind, call, session),
  };
}

// What is named by its id, and is on another host.
function elsewhere(kind: ObjectKind, news: PulumiObject, session: Session): Failure[] {
  try {
    fieldsOf(kind, news, (id) => session.connections.declared(id) !== undefined);
    return [];
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return [{ property: "", reason: error.message }];
  }
}

// A file of this machine may have another content under the same inputs.
async function changedFiles(
  { urn, olds, news }: Call,
  list: Difference[],
  session: Session,
): Promise<Difference[]> {
  const before = opened(olds.filesDigest ?? null);
  if (typeof before !== "string" || hasUnknown(news.files)) return [];
  if (list.some(({ path }) => path.startsWith("files"))) return [];
  const now = await filesDigest(urn, news);
  if (now === before) return [];
  if (now === undefined) {
    session.tell("warning", urn, "its files are not compared: one of them cannot be read here");
    return [];
  }
  return [{ path: "files", kind: "update", replaces: false, input: false }];
}

// What the state knows is no leftover of a killed run.
function remember(urn: string, inputs: PulumiObject, session: Session): void {
  const name = opened(inputs.name ?? null);
  if (typeof name !== "string") return;
  const names = session.known.get(urn) ?? new Set();
  session.known.set(urn, names.add(name));
}

// Everything that can be known before the object is there; nothing else.
async function foreseen(kind: ObjectKind, call: Call, session: Session): Promise<Made> {
  const { news } = call;
  const known = !hasUnknown(news.host) && !hasUnknown(news.name);
  const id = known ? idOf(String(opened(news.host ?? "")), String(opened(news.name ?? ""))) : "";
  const url = kind === "container" ? knownUrl(call, session) : undefined;
  return { id, outputs: { ...news, ...(url === undefined ? {} : { url }) }, reasons: [] };
}

async function changed(kind: ObjectKind, call: Call, session: Session): Promise<Made> {
  const { olds, news, oldInputs } = call;
  const outputs: PulumiObject = { ...kept(olds, oldInputs), ...news };
  if (kind === "image") {
    const content = await newContent(call, session);
    if (content !== undefined) Object.assign(outputs, { ref: content, repoDigest: UNKNOWN });
    return { id: call.id, outputs, reasons: [] };
  }
  const { list } = diffObject(kind, oldInputs, olds, news);
  const fields = new Set(list.map(({ path }) => /^\w+/.exec(path)![0]));
  const known = hasUnknown(news) ? undefined : await operationsOn(kind, call, session);
  const rules = OBJECTS[kind].inputs.filter(({ name }) => fields.has(name));
  const guessed = rules.some(({ rule }) => rule === "replace") ? UNKNOWN : undefined;
  const replacement = known ? replacementOf(known, (field) => field) : guessed;
  const anew = replacement !== undefined || (olds.filesDigest !== undefined && fields.has("files"));
  const starts = known?.some(({ action }) => action === "start") ?? fields.has("status");
  const by = { withObject: anew, withStart: anew || starts, withWork: true, never: false };
  for (const fact of kindOf(kind).facts) {
    if (fact.type === "number") continue;
    const moved = fact.with?.some((field) => fields.has(field));
    if (by[fact.changes] || moved) outputs[fact.name] = UNKNOWN;
  }
  if (kindOf(kind).replaces) outputs.replacement = replacement ?? (anew ? UNKNOWN : "");
  if (kind === "container" && anew) {
    outputs.url = fields.has("ports")
      ? (knownUrl(call, session) ?? UNKNOWN)
      : (olds.url ?? UNKNOWN);
    if (fields.has("files")) outputs.filesDigest = UNKNOWN;
  }
  return { id: call.id, outputs, reasons: [] };
}

// What the host has to do; undefined when it cannot be asked, or not before something else is made.
async function operationsOn(kind: ObjectKind, call: Call, session: Session) {
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, LOOK_MS);
  const object = String(opened(call.news.name ?? splitId(call.id).object));
  const fields = fieldsOf(kind, call.news);
  const single: Single = {
    ...{ kind, project: partsOf(call.urn).project, host: connection.name },
    ...{ spec: connection.spec, object, fields },
  };
  try {
    const engine = await connection.look(signal);
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

function knownUrl(call: Call, session: Session): string | undefined {
  const { news } = call;
  if (hasUnknown(news.host) || hasUnknown(news.connection) || hasUnknown(news.ports)) {
    return undefined;
  }
  const { ports } = fieldsOf("container", news);
  if (!Array.isArray(ports)) return undefined;
  const [first] = ports;
  const match = /^(?:[^:]+:)?(\d+):\d+(?:\/tcp)?$/.exec(String(first));
  const port = match ? Number(match[1]) : (first as { published?: unknown }).published;
  return typeof port === "number" ? urlOf(connectionOf(call, session), port) : undefined;
}

// The content that an archive, a root file system or a registry now has, when the host has another
// one: its id, or unknown. Undefined when nothing is to be brought.
async function newContent(call: Call, session: Session) {
  const { news, urn } = call;
  const local = news.archive !== undefined || news.rootfs !== undefined;
  if (!local && opened(news.pull ?? null) !== "always") return undefined;
  if (hasUnknown(news)) return undefined;
  const connection = connectionOf(call, session);
  const signal = deadline(call, session, LOOK_MS);
  const single: Single = {
    ...{ kind: "image", project: partsOf(urn).project, host: connection.name },
    ...{ spec: connection.spec, object: String(opened(news.name ?? "")) },
    fields: fieldsOf("image", news),
  };
  try {
    const [bring] = await planned(single, { connect: () => connection.look(signal), signal });
    return bring && (bring.image ?? UNKNOWN);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    session.tell("warning", urn, `cannot compare the image: ${textOf(error)}`);
    return undefined;
  }
}
