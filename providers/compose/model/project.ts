// Which part of a model is active: profiles, chosen services, and only what these use; and the
// variables and labels that files add to services.
import { FairleadError } from "../../../resources/model/errors.ts";
import { entry, type MapNode, type Node, nearest, type Path, stringOf } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { type Environment, loadEnvFile } from "./environment.ts";
import type { Model, Service } from "./types.ts";

type Services = Record<string, Service>;

/** The model with the services of the active profiles, and the services that are left out. */
export function withProfiles(
  model: Model,
  profiles: readonly string[],
): { model: Model; disabled: Services } {
  const active: Services = {};
  const disabled: Services = {};
  for (const [name, service] of Object.entries(model.services)) {
    const own = service.profiles ?? [];
    const isActive =
      own.length === 0 || profiles.includes("*") || own.some((one) => profiles.includes(one));
    (isActive ? active : disabled)[name] = service;
  }
  return { model: { ...model, services: active }, disabled };
}

/** The profiles that naming services turns on. */
export function profilesOf(model: Model, names: readonly string[]): string[] {
  return names.flatMap((name) => model.services[name]?.profiles ?? []);
}

/** Only the named services and those they depend on; all of them when none is named. */
export function withServices(model: Model, names: readonly string[]): Model {
  if (names.length === 0) return model;
  const chosen = new Set<string>();
  const choose = (name: string, required: boolean): void => {
    if (chosen.has(name)) return;
    const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
    if (service === undefined) {
      if (!required) return;
      const known = Object.keys(model.services).join(", ");
      throw new FairleadError("not_found", `no service ${name} among ${known}`);
    }
    chosen.add(name);
    for (const [next, { required: needed }] of Object.entries(service.depends_on ?? {})) {
      choose(next, needed);
    }
  };
  for (const name of names) choose(name, true);
  const services = Object.fromEntries(
    Object.entries(model.services).filter(([name]) => chosen.has(name)),
  );
  return { ...model, services };
}

/** The model without networks, volumes, secrets, configs and models that no service uses. */
export function withoutUnused(model: Model): Model {
  const used = { networks: new Set<string>(), volumes: new Set<string>() };
  const files = { secrets: new Set<string>(), configs: new Set<string>() };
  const models = new Set<string>();
  for (const service of Object.values(model.services)) {
    for (const name of Object.keys(service.networks ?? {})) used.networks.add(name);
    for (const mount of service.volumes ?? []) {
      if (mount.type === "volume" && mount.source) used.volumes.add(mount.source);
    }
    for (const { source } of service.secrets ?? []) files.secrets.add(source);
    for (const { source } of service.build?.secrets ?? []) files.secrets.add(source);
    for (const { source } of service.configs ?? []) files.configs.add(source);
    for (const name of Object.keys(service.models ?? {})) models.add(name);
  }
  const keep = <Value>(all: Record<string, Value> | undefined, names: ReadonlySet<string>) =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([name]) => names.has(name)));
  const kept: Model = {
    ...model,
    networks: keep(model.networks, used.networks),
    volumes: keep(model.volumes, used.volumes),
    secrets: keep(model.secrets, files.secrets),
    configs: keep(model.configs, files.configs),
    models: keep(model.models, models),
  };
  for (const kind of ["networks", "volumes", "secrets", "configs", "models"] as const) {
    if (Object.keys(kept[kind] ?? {}).length === 0) delete kept[kind];
  }
  return kept;
}

/** By service, the names of the variables whose values the files do not say themselves. */
export type GivenVariables = ReadonlyMap<string, ReadonlySet<string>>;

/** The model with the variables of env files and the labels of label files in its services. */
export function withFiles(
  model: Model,
  environment: Environment,
  tree: MapNode,
  problems: Problems,
): { model: Model; given: GivenVariables } {
  const services: Services = {};
  const given = new Map<string, ReadonlySet<string>>();
  for (const [name, service] of Object.entries(model.services)) {
    const path = ["services", name];
    const attempt = (part: Path, read: () => void) => {
      try {
        read();
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
        problems.add(nearest(tree, [...path, ...part]), [...path, ...part], error.message);
      }
    };
    const resolved = { ...service };
    const variables = serviceEnvironment(service, environment, attempt);
    if (Object.keys(variables).length > 0) resolved.environment = variables;
    given.set(name, givenVariables(service, variables, tree.entries.get("services"), name));
    delete resolved.env_file;
    delete resolved.label_file;
    const labels = serviceLabels(service, attempt);
    if (Object.keys(labels).length > 0) resolved.labels = labels;
    services[name] = resolved;
  }
  return { model: { ...model, services }, given };
}

/** Those that come from an env file, or have a variable of the environment in them. */
function givenVariables(
  service: Service,
  all: Readonly<Record<string, string | null>>,
  services: Node | undefined,
  name: string,
): ReadonlySet<string> {
  const written = entry(entry(services, name), "environment");
  const literal = new Set<string>();
  if (written?.kind === "map") {
    for (const [key, node] of written.entries) if (!node.at.fromVariable) literal.add(key);
  } else if (written?.kind === "list") {
    for (const item of written.items) {
      if (!item.at.fromVariable) literal.add((stringOf(item) ?? "").split("=")[0] ?? "");
    }
  }
  const says = (key: string) => literal.has(key) && service.environment?.[key] != null;
  return new Set(Object.keys(all).filter((key) => !says(key)));
}

type Attempt = (part: Path, read: () => void) => void;

function serviceEnvironment(
  service: Service,
  environment: Environment,
  attempt: Attempt,
): Record<string, string | null> {
  const own = new Map<string, string | null>();
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    own.set(name, value ?? environment.get(name) ?? null);
  }
  const found = new Map<string, string>();
  for (const [name, value] of own) if (value !== null) found.set(name, value);
  const lookup = (name: string) => environment.get(name) ?? own.get(name) ?? undefined;
  for (const [index, file] of (service.env_file ?? []).entries()) {
    attempt(["env_file", index], () => {
      try {
        loadEnvFile(file.path, found, lookup, file.format);
      } catch (error) {
        const isMissing = error instanceof FairleadError && error.code === "not_found";
        if (!isMissing || file.required) throw error;
      }
    });
  }
  return sorted(new Map<string, string | null>([...found, ...own]));
}

function serviceLabels(service: Service, attempt: Attempt): Record<string, string> {
  const labels = new Map<string, string>();
  for (const [index, file] of (service.label_file ?? []).entries()) {
    attempt(["label_file", index], () => loadEnvFile(file, labels, (name) => labels.get(name)));
  }
  for (const [name, value] of Object.entries(service.labels ?? {})) labels.set(name, value);
  return sorted(labels);
}

function sorted<Value>(entries: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
