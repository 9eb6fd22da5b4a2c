// The host resource: how a host is reached, under an id that stays when that changes. Making it
// installs the agent where our engine is wished; changing how it is reached touches nothing there.
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { hostFields, host as hostType } from "../../../resources/kinds/host/host.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { ifThere } from "../../engine/allowing.ts";
import type { HostInfo } from "../../engine/engine.ts";
import { isInstalled } from "../../engine/engines/registry.ts";
import { hasUnknown, same, UNKNOWN, Unknown, type Value } from "../protocol/value.ts";
import { type Attribute, attributesOf, computed } from "../schema/attribute.ts";
import { diagnosticsOf, ofProblem, problem } from "../schema/diagnostic.ts";
import { fromFields, type TerraformObject, toFields } from "../schema/translate.ts";
import { addressOf, type ConnectFields, type Connection } from "../session/connections.ts";
import { planObject, settled } from "./planning.ts";
import { deadline, timeoutProblems, timeoutsAttribute } from "./timeouts.ts";
import type {
  ApplyCall,
  PlanAnswer,
  PlanCall,
  ResourceType,
  Session,
  StateAnswer,
} from "./type.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const number = { kind: "number", integer: true } as const;
const volatile = { changes: "withWork" } as const;

/** What a host tells of itself; also what the data source shows. */
export const hostFacts: Attribute[] = [
  computed("engine_version", "Version of the engine that answers.", volatile),
  computed("api_version", "Version of the Docker Engine API in use.", volatile),
  computed("upgrade", "Version of the agent that an apply brings.", volatile),
  computed("architecture", "Architecture, such as `x86_64`.", volatile),
  computed("operating_system", "Operating system.", volatile),
  computed("kernel", "Version of the kernel.", volatile),
  computed("cpus", "Number of processors.", { ...volatile, type: number }),
  computed("memory_bytes", "Size of the memory.", { ...volatile, type: number }),
];

export const connectAttributes = attributesOf(shapeOf("host"));

/** The secrets of a connection as attributes that get into no plan and no state. */
const hidden = connectAttributes
  .filter(({ sensitive }) => sensitive)
  .map(
    (one): Attribute => ({
      ...one,
      ...{ name: `${one.name}_wo`, mode: "optional", writeOnly: true, default: undefined },
      doc: `${one.doc} Kept in no plan and no state. Needs Terraform 1.11.`,
    }),
  );

const attributes: Attribute[] = [
  computed("id", "What resources on this host say; the same as `name`."),
  {
    ...{ name: "name", type: { kind: "string" }, mode: "defaulted", rule: "replace" },
    doc: "Name of the host, in ids and messages.",
    default: "`host-` and eight digits",
  },
  {
    ...{ name: "connect", mode: "required", rule: "connection" },
    type: { kind: "object", attributes: connectAttributes },
    doc: "How the host is reached. A change of it touches nothing on the host.",
  },
  ...hidden,
  {
    ...{ name: "connect_wo_version", type: { kind: "string" }, mode: "optional" },
    ...{ rule: "connection", doc: "Change it together with what is write-only." },
  },
  {
    ...{ name: "uninstall", type: { kind: "bool" }, mode: "optional", rule: "policy" },
    doc: "Remove the agent when this is destroyed; refused while containers are there.",
    default: "false: the agent stays",
  },
  ...hostFacts,
  timeoutsAttribute,
];

export const hostResource: ResourceType = {
  name: "fairlead_host",
  doc: "A Linux host that is reached over SSH, and the engine on it.",
  attributes,
  validate(config) {
    const { name, connect } = config;
    const found = timeoutProblems(config);
    if (typeof name === "string" && (!NAME.test(name) || addressOf(name) !== undefined)) {
      found.push(
        problem("name: must be letters, digits, '_', '.' or '-', and not local", "", "name"),
      );
    }
    if (connect === null || hasUnknown(connect ?? null)) return found;
    const secrets = secretsOf(config);
    const fields = connectOf(config);
    const twice = hidden.filter(({ field }) => field! in secrets && field! in fields);
    found.push(
      ...twice.map(({ name: one }) => problem(`${one}: it is in connect already`, "", one)),
    );
    const { problems } = inspect(hostFields, { ...fields, ...secrets }, ["connect"]);
    return [...found, ...problems.map((one) => ofProblem(one, "host"))];
  },
  plan: planHost,
  apply: applyHost,
  async read(state, remembered, session) {
    const id = String(state.id);
    const fields = connectOf(state);
    session.connections.declare(id, fields, session.connections.secretsOf(id));
    try {
      const connection = await session.connections.find(id);
      const facts = await factsOf(connection, "connectReadOnly", session.stop);
      return { state: { ...state, ...facts }, remembered, diagnostics: [] };
    } catch (error) {
      // The plan decides: another way to reach the host may be what it is about.
      session.unreachable.set(id, error);
      return { state, remembered, diagnostics: [] };
    }
  },
  async import(id, session) {
    const [, name, address = id] = /^([^=/]+)=(.+)$/.exec(id) ?? [];
    const { value } = inspect(hostType, address);
    if (!value) throw notAnAddress(id);
    const host = name ?? value.host;
    const state: TerraformObject = {
      ...fromFields(attributes, {}),
      ...{ id: host, name: host, connect: fromFields(connectAttributes, value) },
    };
    session.connections.declare(host, value);
    return { state, remembered: {}, diagnostics: [] };
  },
};

async function planHost(call: PlanCall, session: Session): Promise<PlanAnswer> {
  const { prior, proposed, config } = call;
  if (proposed === null || config === null) return { state: null, diagnostics: [] };
  if (prior !== null) await readAgain(String(prior.id), prior, config, session);
  const needsWork = prior !== null && typeof prior.upgrade === "string";
  const planned = planObject(attributes, { prior, proposed, config }, () => false, { needsWork });
  const { state, replace, diagnostics } = planned;
  if (prior === null && typeof state.name === "string") state.id = state.name;
  if (replace.length > 0) state.id = state.name ?? UNKNOWN;
  const id = state.id;
  const secrets = secretsOf(config);
  const open = [state.connect, ...hidden.map(({ name }) => config[name])];
  const known = typeof id === "string" && !hasUnknown(open as Value[]);
  if (known) session.connections.declare(id, connectOf(state), secrets);
  const failure = typeof id === "string" ? session.unreachable.get(id) : undefined;
  if (failure !== undefined && same(state.connect ?? null, prior?.connect ?? null)) {
    diagnostics.push(...diagnosticsOf(failure));
    session.reported.add(String(id));
  }
  if (prior !== null && id === prior.id && (!known || placeOf(prior) !== placeOf(state))) {
    session.moving.set(String(id), known ? "known" : "unknown");
  }
  return { state, replace, diagnostics };
}

// What another value of may lead to another machine, or to another engine on it.
function placeOf(object: TerraformObject): string {
  const { host, port, socket, root, instance, proxy } = connectOf(object);
  return JSON.stringify([host, port, socket, root, instance, proxy]);
}

// Reading a host sees no configuration, and so may lack what is write-only, or have what it was.
async function readAgain(
  id: string,
  prior: TerraformObject,
  config: TerraformObject,
  session: Session,
): Promise<void> {
  const secrets = secretsOf(config);
  const { connections, unreachable } = session;
  if (!unreachable.has(id) || isDeepStrictEqual(secrets, connections.secretsOf(id) ?? {})) return;
  try {
    const connection = connections.connect(id, { ...connectOf(prior), ...secrets });
    const facts = await factsOf(connection, "connectReadOnly", session.stop);
    unreachable.delete(id);
    prior.upgrade = facts.upgrade ?? null;
  } catch (error) {
    unreachable.set(id, error);
  }
}

async function applyHost(call: ApplyCall, session: Session): Promise<StateAnswer> {
  const { prior, planned } = call;
  if (planned === null) return removeHost(prior!, session);
  const name = planned.name instanceof Unknown ? generatedName() : String(planned.name);
  session.connections.declare(name, connectOf(planned), secretsOf(call.config ?? {}));
  const signal = deadline(planned, prior === null ? "create" : "update", session.stop);
  try {
    const facts = await factsOf(await session.connections.find(name), "connectAndInstall", signal);
    return { state: settled(planned, { ...facts, name, id: name }), diagnostics: [] };
  } catch (error) {
    return { state: prior, diagnostics: diagnosticsOf(error) };
  }
}

async function removeHost(prior: TerraformObject, session: Session): Promise<StateAnswer> {
  const id = String(prior.id);
  const fields = { ...connectOf(prior), ...session.connections.secretsOf(id) };
  session.connections.forget(id);
  if (prior.uninstall !== true) return { state: null, diagnostics: [] };
  const signal = deadline(prior, "delete", session.stop);
  const connection = session.connections.connect(id, fields);
  if (!isInstalled(connection.spec.engine)) return { state: null, diagnostics: [] };
  try {
    await connection.uninstall(signal);
    return { state: null, diagnostics: [] };
  } catch (error) {
    return { state: prior, diagnostics: diagnosticsOf(error) };
  }
}

/** The fields of a connection in an object of the resource or the data source. */
export function connectOf(object: TerraformObject): ConnectFields {
  return toFields(connectAttributes, (object.connect ?? {}) as TerraformObject);
}

/** The write-only fields of a configuration. */
function secretsOf(config: TerraformObject): ConnectFields {
  return toFields(hidden, config);
}

/** What the host says of itself; `look` changes nothing there, `ready` installs the agent. */
export async function factsOf(
  connection: Connection,
  way: "connectReadOnly" | "connectAndInstall",
  signal: AbortSignal,
): Promise<TerraformObject> {
  const engine = await connection[way](signal);
  const agent = await connection.hosts.agent(connection.name);
  // A host without an agent has no engine that could say.
  const info: Partial<HostInfo> = (await ifThere(engine.info(signal))) ?? {};
  return {
    engine_version: engine.version || null,
    api_version: engine.apiVersion,
    upgrade: agent?.offered ?? null,
    architecture: info.architecture ?? null,
    operating_system: info.operatingSystem ?? null,
    kernel: info.kernel ?? null,
    cpus: info.cpus ?? null,
    memory_bytes: info.memoryBytes ?? null,
  };
}

function generatedName(): string {
  return `host-${randomBytes(4).toString("hex")}`;
}

function notAnAddress(id: string): FairleadError {
  return new FairleadError("invalid", `${JSON.stringify(id)} is no address of a host`, {
    hint: "Write [NAME=]ADDRESS, where ADDRESS is local or ssh://[USER@]HOST[:PORT].",
  });
}
