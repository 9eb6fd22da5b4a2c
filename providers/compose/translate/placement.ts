// Where the containers of a service run, and what they are called.
import type { HostInput } from "../../../resources/kinds/host/host.ts";
import type { Service } from "../model/types.ts";
import { nearestName } from "../schema/shape.ts";
import type { Translation } from "./context.ts";
import { KEY, type ServiceExtension, type StackExtension } from "./extension.ts";

const MOST_OF_SERVICE = 1000;
const MOST_IN_PROJECT = 10_000;

/** One container of a service. */
export interface Replica {
  service: string;
  /** From 1; unique in the service, on whatever host. */
  number: number;
  host: string;
  /** Resource name: the service's for the first one, so that scaling never renames it. */
  name: string;
  /** Name on the host, as Compose gives it. */
  object: string;
}

/** The hosts of a project; this machine when it names none. */
export function hostsOf(extension: StackExtension): Record<string, HostInput> {
  const hosts = extension.hosts ?? {};
  return Object.keys(hosts).length > 0 ? (hosts as Record<string, HostInput>) : { local: "local" };
}

/** The containers of every service; problems are reported, and then the result is incomplete. */
export function placed(
  translation: Translation,
  stack: StackExtension,
  extensions: ReadonlyMap<string, ServiceExtension>,
): Replica[] {
  const { model } = translation.project;
  const known = Object.keys(hostsOf(stack));
  const replicas = Object.entries(model.services).flatMap(([name, service]) => {
    const hosts = serviceHosts(
      name,
      service,
      extensions.get(name) ?? {},
      stack,
      known,
      translation,
    );
    if (hosts.length === 0 || !isCountable(name, service, translation)) return [];
    return spread(name, service, hosts, model.name);
  });
  if (replicas.length > MOST_IN_PROJECT) {
    const message = `there are ${replicas.length} containers; a project has at most`;
    translation.refuse(["services"], `${message} ${MOST_IN_PROJECT}`, "Split it.");
    return [];
  }
  const owners = new Map<string, string>();
  for (const { host, name, service } of replicas) {
    const owner = owners.get(`${host}/${name}`);
    if (owner !== undefined) {
      translation.refuse(["services", name], `a container of ${owner} has the name ${name} too`);
    }
    owners.set(`${host}/${name}`, service);
  }
  return replicas;
}

function serviceHosts(
  name: string,
  service: Service,
  extension: ServiceExtension,
  stack: StackExtension,
  known: readonly string[],
  translation: Translation,
): string[] {
  const path = ["services", name, KEY];
  if (extension.host !== undefined && extension.hosts !== undefined) {
    translation.refuse(path, "has host and hosts", "Keep one of them.");
  }
  const one = extension.host ?? stack.host ?? (known.length === 1 ? known[0] : undefined);
  const everywhere = service.deploy?.mode === "global" ? [...known] : undefined;
  const named = extension.host === undefined ? extension.hosts : [extension.host];
  const hosts = named ?? everywhere ?? (one === undefined ? [] : [one]);
  if (hosts.length === 0) {
    const hint = `Write x-fairlead: {host: NAME} at it, NAME being one of ${known.join(", ")}.`;
    translation.refuse(["services", name], "has no host", hint);
  }
  return hosts.filter((host) => {
    if (known.includes(host)) return true;
    const near = nearestName(host, known);
    const hint = near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
    translation.refuse(path, `host ${host} is not declared in ${KEY}.hosts`, hint);
    return false;
  });
}

/** Whether the number of containers is one that hosts and people can deal with. */
function isCountable(name: string, service: Service, translation: Translation): boolean {
  const key = service.scale === undefined ? ["deploy", "replicas"] : ["scale"];
  const count = service.scale ?? service.deploy?.replicas ?? 1;
  if (count <= MOST_OF_SERVICE) return true;
  const message = `${count} containers are too many; a service has at most ${MOST_OF_SERVICE}`;
  translation.refuse(["services", name, ...key], message);
  return false;
}

/** The replicas in turn over the hosts; one on each when no number is given. */
function spread(
  name: string,
  service: Service,
  hosts: readonly string[],
  project: string,
): Replica[] {
  const global = service.deploy?.mode === "global";
  const count = global ? hosts.length : (service.scale ?? service.deploy?.replicas ?? hosts.length);
  return Array.from({ length: count }, (_, index) => ({
    service: name,
    number: index + 1,
    host: hosts[index % hosts.length] ?? "",
    name: index === 0 ? name : `${name}-${index + 1}`,
    object: service.container_name ?? `${project}-${name}-${index + 1}`,
  }));
}
