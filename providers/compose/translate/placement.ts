// Where the containers of a service run, and what they are called.
import type { HostInput } from "../../../resources/kinds/host/host.ts";
import type { Service } from "../model/types.ts";
import { nearestName } from "../schema/shape.ts";
import { isPlaced, meeting, type Node, nodesOf, spreadOver } from "./constraints.ts";
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
  const declared = hostsOf(stack);
  const known = Object.keys(declared);
  const nodes = nodesOf(declared);
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
    const allowed = nodes.filter((node) => hosts.includes(node.name));
    const placement = service.deploy?.placement ?? {};
    const fitting = meeting(allowed, name, placement, translation);
    return fitting.length === 0 ? [] : spread(name, service, fitting, translation);
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
  const anywhere = isPlaced(service) ? [...known] : undefined;
  const hosts = named ?? everywhere ?? anywhere ?? (one === undefined ? [] : [one]);
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

/** The replicas spread over the hosts; one on each named host when no number is given. */
function spread(
  name: string,
  service: Service,
  nodes: readonly Node[],
  translation: Translation,
): Replica[] {
  const { deploy, scale } = service;
  const placement = deploy?.placement ?? {};
  const unsaid = isPlaced(service) ? 1 : nodes.length;
  const count = deploy?.mode === "global" ? nodes.length : (scale ?? deploy?.replicas ?? unsaid);
  const hosts = spreadOver(nodes, count, placement);
  if (hosts.length < count) {
    const path = ["services", name, "deploy", "placement", "max_replicas_per_node"];
    const most = `${placement.max_replicas_per_node} on each of ${nodes.length} hosts`;
    translation.refuse(path, `${most} are fewer than ${count} containers`, "Add hosts.");
  }
  return hosts.map((host, index) => ({
    service: name,
    number: index + 1,
    host,
    name: index === 0 ? name : `${name}-${index + 1}`,
    object: service.container_name ?? `${translation.project.name}-${name}-${index + 1}`,
  }));
}
