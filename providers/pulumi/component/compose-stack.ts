// The component ComposeStack: reads a Compose file and registers a resource for every service,
// network, volume and image in it, and for the hosts that it names itself.
import { isAbsolute, relative, resolve } from "node:path";
import { isRepository } from "../../../resources/kinds/image/build.ts";
import { kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { addressOf } from "../../../resources/plan/resource.ts";
import {
  type ComposeResource,
  type ComposeResources,
  composeResources,
} from "../../compose/resources.ts";
import { programValue, inputOf as written } from "../resource/declaration.ts";
import type { Failure } from "../resource/failure.ts";
import { HOST, inputOf, OBJECTS } from "../schema/catalog.ts";
import { COMPOSE_STACK } from "../schema/component.ts";
import {
  hasUnknown,
  isObject,
  opened,
  type PulumiObject,
  type PulumiValue,
  Sealed,
  sealed,
  UNKNOWN,
} from "../value.ts";
import { hostingOf, type Variables, variablesOf } from "./compose-inputs.ts";
import type { Child, Monitor, Registered } from "./monitor.ts";

export interface Constructed {
  urn: string;
  outputs: PulumiObject;
}

interface Stack {
  urn: string;
  name: string;
  inputs: PulumiObject;
  variables: Variables;
  /** URNs that each input came from. */
  sources: Record<string, string[]>;
  monitor: Monitor;
  preview: boolean;
  /** Host children of hosts that the file names. */
  hosts: Map<string, Registered>;
  made: Map<string, Promise<Registered>>;
}

/** Everything wrong with the inputs as far as they are known. */
export function stackFailures(inputs: PulumiObject): Failure[] {
  const failures = Object.entries(inputs).flatMap(([property, sent]): Failure[] => {
    const known = COMPOSE_STACK.inputs.find(({ name }) => name === property);
    if (!known) return [{ property, reason: "there is no such input" }];
    if (sent === null || hasUnknown(sent)) return [];
    const value = opened(sent);
    const fits = {
      string: typeof value === "string",
      bool: typeof value === "boolean",
      list: Array.isArray(value) && value.every((one) => typeof one === "string"),
      map: isObject(value),
      object: isObject(value),
    }[known.type.kind as "string"];
    return fits ? [] : [{ property, reason: `must be a ${known.type.kind}` }];
  });
  const both = inputs.host !== undefined && inputs.hosts !== undefined;
  return both ? [...failures, { property: "hosts", reason: "excludes host" }] : failures;
}

/** Registers the component and its children. */
export async function constructStack(
  name: string,
  inputs: PulumiObject,
  sources: Record<string, string[]>,
  monitor: Monitor,
  tell: { preview: boolean; warn(urn: string, text: string): void },
): Promise<Constructed> {
  const variables = variablesOf(inputs.environment);
  const composed = read(inputs, variables);
  const urn = await monitor.component(inputs);
  if (composed === undefined) {
    tell.warn(urn, "what the file declares is shown when all its variables are known");
    const outputs = { project: UNKNOWN, containers: UNKNOWN, urls: UNKNOWN };
    await monitor.outputs(urn, outputs);
    return { urn, outputs };
  }
  for (const warning of composed.warnings) tell.warn(urn, warning);
  const { preview } = tell;
  const base = { urn, name, inputs, variables, sources, monitor, preview };
  const stack: Stack = { ...base, hosts: await namedHosts(base, composed), made: new Map() };
  for (const one of composed.resources) stack.made.set(addressOf(one), register(stack, one));
  const settled = await Promise.allSettled(stack.made.values());
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  const outputs = await outputsOf(stack, composed);
  await monitor.outputs(urn, outputs);
  return { urn, outputs };
}

// Undefined while a preview cannot read the file, because what it says depends on a variable that
// is not known yet.
function read(inputs: PulumiObject, variables: Variables): ComposeResources | undefined {
  const { environment: _variables, host: _host, connection: _own, ...rest } = inputs;
  const { hosts: _hosts, connections: _other, ...options } = rest;
  if (Object.values(options).some(hasUnknown)) return undefined;
  const { files, projectName, projectDirectory, profiles, services, envFiles } = opened(
    options,
  ) as Options;
  try {
    const composed = composeResources({
      ...(files ? { files } : {}),
      ...(projectName ? { projectName } : {}),
      ...(projectDirectory ? { projectDirectory } : {}),
      ...(profiles ? { profiles } : {}),
      ...(services ? { services } : {}),
      ...(envFiles ? { envFiles } : {}),
      environment: { ...process.env, ...variables.environment },
      hosting: hostingOf(inputs),
    });
    refuseRestarts(composed.resources);
    return composed;
  } catch (error) {
    if (variables.hasUnknown && error instanceof FairleadError) return undefined;
    throw error;
  }
}

interface Options {
  files?: string[];
  projectName?: string;
  projectDirectory?: string;
  profiles?: string[];
  services?: string[];
  envFiles?: string[];
}

function refuseRestarts(resources: readonly ComposeResource[]): void {
  for (const { name, dependsOn } of resources) {
    const other = dependsOn?.find(({ restart }) => restart);
    if (!other) continue;
    const path = `services.${name}.depends_on.${other.name}.restart`;
    throw new FairleadError("unsupported", `${path}: Pulumi restarts nothing by itself`, {
      hint: "Remove restart: true, or deploy the file with the fairlead command.",
    });
  }
}

async function namedHosts(
  { urn, name, inputs, monitor, variables }: Omit<Stack, "hosts" | "made">,
  { hosts }: ComposeResources,
): Promise<Map<string, Registered>> {
  if (inputs.host !== undefined) return new Map();
  const given = opened(inputs.hosts ?? null);
  const remote = Object.entries(hosts).filter(([host, spec]) => {
    return spec.host !== "local" && !(isObject(given) && Object.hasOwn(given, host));
  });
  const type = inputOf(HOST, "connection")!;
  const made = remote.map(async ([host, spec]): Promise<[string, Registered]> => {
    const connection = sealed(variables.traced(programValue(type.type, spec)));
    const child = { type: "fairlead:index:Host", name: `${name}-${host}`, needs: {}, after: [] };
    return [host, await monitor.child(urn, { ...child, inputs: { connection } })];
  });
  return new Map(await Promise.all(made));
}

async function register(stack: Stack, one: ComposeResource): Promise<Registered> {
  const place = placeOf(stack, one);
  const inputs: PulumiObject = { ...fieldsOf(stack, one), ...place.inputs, ...shared(stack, one) };
  const needs: Record<string, string[]> = { ...place.needs };
  const after: string[] = [];
  for (const { address, field, required } of one.needs) {
    try {
      const other = await stack.made.get(address);
      if (other === undefined) continue;
      if (field === undefined) after.push(other.urn);
      else needs[field] = [...(needs[field] ?? []), other.urn];
      // By its content, so that another content makes another container.
      if (field === "image") inputs.image = other.outputs.ref ?? UNKNOWN;
    } catch (error) {
      if (required) throw error;
    }
  }
  return stack.monitor.child(stack.urn, {
    ...{ type: `fairlead:index:${OBJECTS[one.kind].name}`, name: childName(stack, one) },
    ...{ inputs, needs, after },
  });
}

/** `STACK-SERVICE`; what can be on several hosts under one name has the host's in it. */
function childName({ name, inputs }: Stack, { kind, host, name: own }: ComposeResource): string {
  const several = inputs.host === undefined && host !== "local" && !kindOf(kind).runs;
  return several ? `${name}-${host}-${own}` : `${name}-${own}`;
}

function placeOf(stack: Stack, { host }: ComposeResource): Pick<Child, "inputs" | "needs"> {
  const { inputs, sources } = stack;
  const child = stack.hosts.get(host);
  if (child) {
    const connection = child.outputs.connection ?? UNKNOWN;
    const needs = { host: [child.urn], connection: [child.urn] };
    return { inputs: { host: child.id === "" ? UNKNOWN : child.id, connection }, needs };
  }
  if (inputs.host !== undefined) {
    const { connection } = inputs;
    const needs = { host: sources.host ?? [], connection: sources.connection ?? [] };
    return { inputs: { host: inputs.host, ...(connection ? { connection } : {}) }, needs };
  }
  const named = inside(inputs.hosts, host);
  if (named === undefined) return { inputs: { host: "local" }, needs: {} };
  const connection = inside(inputs.connections, host);
  const needs = { host: sources.hosts ?? [], connection: sources.connections ?? [] };
  return { inputs: { host: named, ...(connection ? { connection } : {}) }, needs };
}

function inside(value: PulumiValue | undefined, key: string): PulumiValue | undefined {
  if (value instanceof Sealed) {
    const found = inside(value.value, key);
    return found === undefined ? undefined : sealed(found);
  }
  if (value === UNKNOWN) return UNKNOWN;
  return isObject(value) ? value[key] : undefined;
}

function fieldsOf({ variables }: Stack, one: ComposeResource): PulumiObject {
  const type = OBJECTS[one.kind];
  const entries = Object.entries(one.spec).flatMap(([field, value]) => {
    const property = inputOf(type, field);
    if (!property || value === undefined) return [];
    const input = property.localPath ? near(String(value)) : written(one.kind, property, value);
    return [[field, variables.traced(input)]];
  });
  const fields: PulumiObject = Object.fromEntries(entries);
  if (Array.isArray(fields.files)) fields.files = fields.files.map(withNearSource);
  if (isObject(fields.build)) fields.build = nearBuild(fields.build);
  return fields;
}

function nearBuild(build: PulumiObject): PulumiObject {
  const { context, contexts, secrets } = build;
  const each = (values: PulumiObject, change: (value: PulumiValue) => PulumiValue) =>
    Object.fromEntries(Object.entries(values).map(([name, one]) => [name, change(one)]));
  const folder = (place: PulumiValue) =>
    typeof place !== "string" || place.includes("://") || isRepository(place) ? place : near(place);
  return {
    ...build,
    ...(context === undefined ? {} : { context: folder(context) }),
    ...(isObject(contexts) ? { contexts: each(contexts, folder) } : {}),
    ...(isObject(secrets) ? { secrets: each(secrets, withNearSource) } : {}),
  };
}

function withNearSource(file: PulumiValue): PulumiValue {
  if (!isObject(file) || typeof file.source !== "string") return file;
  return { ...file, source: near(file.source) };
}

// Paths of this machine are written from the project's folder, so that the state says the same on
// another machine.
function near(path: string): string {
  const from = relative(process.cwd(), resolve(path));
  return from === "" || from.startsWith("..") || isAbsolute(from) ? path : `./${from}`;
}

function shared({ inputs }: Stack, { kind, adopt }: ComposeResource): PulumiObject {
  const { deleteUnreachable, removeData } = inputs;
  return {
    ...(deleteUnreachable === undefined ? {} : { deleteUnreachable }),
    ...(!kindOf(kind).holdsData || removeData === undefined ? {} : { removeData }),
    ...(adopt && kindOf(kind).owned ? { adopt: true } : {}),
  };
}

async function outputsOf(stack: Stack, composed: ComposeResources): Promise<PulumiObject> {
  const containers: PulumiObject = {};
  const urls: PulumiObject = {};
  for (const one of composed.resources) {
    if (!kindOf(one.kind).runs) continue;
    const { outputs } = (await stack.made.get(addressOf(one)))!;
    const missing = stack.preview ? UNKNOWN : "";
    containers[one.name] = outputs.containerId ?? missing;
    const url = outputs.url ?? missing;
    const { ports = [] } = one.spec as { ports?: unknown[] };
    if (url !== "" && ports.length > 0) urls[one.name] = url;
  }
  return { project: composed.project, containers, urls };
}
