// The resource handler of a host: how it is reached, and that an engine answers there. A change of
// it never touches what runs on the host.
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_ENGINE, host as hostType } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { check } from "../../../resources/model/schema.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { isInstalled } from "../../engine/engines/registry.ts";
import { HOST } from "../schema/catalog.ts";
import type { Connection } from "../settings.ts";
import {
  hasUnknown,
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  sameValue,
  sealed,
  UNKNOWN,
} from "../value.ts";
import { VERSION } from "../version.ts";
import { leaves } from "./apply-object.ts";
import { connectionFailures, resealed } from "./check-object.ts";
import { inputDifferences } from "./difference.ts";
import { type Failure, textOf } from "./failure.ts";
import { partsOf } from "./identity.ts";
import { type Call, deadline, type Made, type ResourceHandler, type Session } from "./type.ts";

const WAIT_MS = 10 * 60_000;
const READ_MS = 5 * 60_000;
const PAUSE_MS = 2000;

export const hostHandler: ResourceHandler = {
  check({ urn, news }, session) {
    const inputs = resealed(HOST.inputs, news);
    const failures = failuresOf(news);
    if (failures.length === 0) declare(partsOf(urn).name, inputs, session);
    return { inputs, failures };
  },

  async diff({ id, oldInputs, olds, news }, session) {
    declare(id, news, session);
    const list = inputDifferences(HOST.inputs, oldInputs, news, () => false);
    if (!sameValue(oldInputs.connection, news.connection)) {
      list.push({ path: "connection", kind: "update", replaces: false, input: true });
    }
    // The agent is the only engine that is installed and upgraded from here.
    const { engine, version } = opened(olds) as PulumiObject;
    if (isInstalled(String(engine ?? "")) && version !== VERSION) {
      list.push({ path: "version", kind: "update", replaces: false, input: false });
    }
    return { list, deleteBeforeReplace: false };
  },

  async create(call, session) {
    const { news, urn } = call;
    const id = partsOf(urn).name;
    if (!call.preview) return connected(id, call, session);
    return { id, outputs: { ...news, ...knownOutputs(news) }, reasons: [] };
  },

  async update(call, session) {
    if (!call.preview) return connected(call.id, call, session);
    const outputs = { ...call.olds, ...call.news, ...knownOutputs(call.news) };
    return { id: call.id, outputs: { ...outputs, version: UNKNOWN }, reasons: [] };
  },

  async read(call, session) {
    const { id, oldInputs } = call;
    const imported = Object.keys(oldInputs).length === 0;
    const found = session.connections.declared(id) ?? fromAddress(id);
    const inputs = imported ? { connection: sealed(found) } : oldInputs;
    const connection = session.connections.find(
      id,
      opened(inputs.connection ?? found),
      accepts(inputs),
    );
    const engine = await connection.connectReadOnly(deadline(call, session, READ_MS));
    if (!imported) declare(id, inputs, session);
    return { id, inputs, outputs: { ...inputs, ...factsOf(connection, engine) } };
  },

  async delete(call, session) {
    const inputs = { ...call.olds, ...call.oldInputs };
    if (opened(inputs.uninstall ?? false) !== true) return;
    const signal = deadline(call, session, WAIT_MS);
    const connection = find(call.id, inputs, session);
    try {
      await removeAgent(connection, signal);
    } catch (error) {
      if (!leaves(error, inputs, session)) throw error;
      session.tell("warning", call.urn, `left behind: ${textOf(error)}`);
    }
  },
};

// A host that was only just made may take minutes until it lets us in.
async function connected(id: string, call: Call, session: Session): Promise<Made> {
  const { news, urn } = call;
  const signal = deadline(call, session, WAIT_MS);
  const connection = find(id, news, session);
  while (true) {
    try {
      const engine = await connection.connectAndInstall(signal);
      declare(id, news, session);
      return { id, outputs: { ...news, ...factsOf(connection, engine) }, reasons: [] };
    } catch (error) {
      const mayCome = error instanceof FairleadError && error.code === "unavailable";
      if (!mayCome || signal.aborted) throw error;
      session.tell("info", urn, `waiting for the host: ${error.message}`, true);
      // The last reason tells more than that the time is over.
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

async function removeAgent(connection: Connection, signal: AbortSignal): Promise<void> {
  const { spec, name, hosts } = connection;
  if (!isInstalled(spec.engine)) return;
  await hosts.uninstall(name, spec, { signal });
}

function find(id: string, inputs: PulumiObject, session: Session): Connection {
  return session.connections.find(id, opened(inputs.connection ?? null), accepts(inputs));
}

function declare(id: string, inputs: PulumiObject, session: Session): void {
  if (inputs.connection !== undefined && !hasUnknown(inputs.connection)) {
    session.connections.declare(id, inputs.connection);
  }
}

function accepts(inputs: PulumiObject): boolean {
  return opened(inputs.acceptNewHostKey ?? false) === true;
}

function fromAddress(id: string): PulumiValue {
  const spec = Object.entries(check(hostType, id, ["id"])).filter(([, one]) => one !== undefined);
  return Object.fromEntries(spec) as PulumiObject;
}

function knownOutputs({ connection }: PulumiObject): PulumiObject {
  const plain = opened(connection ?? null);
  if (!isObject(plain)) return {};
  const { host, engine = DEFAULT_ENGINE } = plain;
  return { ...(host === undefined ? {} : { address: host }), engine };
}

function factsOf({ spec }: Connection, engine: EngineClient): PulumiObject {
  const { version, apiVersion } = engine;
  return { address: spec.host, engine: engine.engine, version, apiVersion };
}

function failuresOf(news: PulumiObject): Failure[] {
  const failures = news.connection === undefined ? [] : connectionFailures(news.connection);
  if (news.connection === undefined)
    failures.push({ property: "connection", reason: "is required" });
  for (const [name, value] of Object.entries(news)) {
    if (name === "connection" || name.startsWith("__")) continue;
    const known = HOST.inputs.some((one) => one.name === name);
    const plain = opened(value);
    if (!known) failures.push({ property: name, reason: "there is no such field" });
    else if (plain !== null && plain !== UNKNOWN && typeof plain !== "boolean") {
      failures.push({ property: name, reason: "must be a bool" });
    }
  }
  return failures;
}
