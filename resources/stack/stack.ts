// A stack: everything one project declares, on which hosts, and what waits for what.
import {
  type ContainerInput,
  type ContainerSpec,
  container,
} from "../kinds/container/container.ts";
import { type HostInput, type HostSpec, host } from "../kinds/host/host.ts";
import { type ImageInput, type ImageSpec, image } from "../kinds/image/image.ts";
import { type NetworkInput, type NetworkSpec, network } from "../kinds/network/network.ts";
import { type VolumeInput, type VolumeSpec, volume } from "../kinds/volume/volume.ts";
import type { Kind } from "../model/kind.ts";
import { InvalidDeclaration, joinPath, type Problem } from "../model/problem.ts";
import { inspect } from "../model/schema.ts";

/** What must be true of another container before this one is started. */
export interface Dependency {
  /** Resource name of a container of the stack. */
  name: string;
  /** Its host; the same host when absent. */
  host?: string | undefined;
  condition: "started" | "healthy" | "completed";
  /** Restart this container when that one was replaced or restarted. */
  restart?: boolean | undefined;
  /** False: when that one fails, start this one all the same. Default true. */
  required?: boolean | undefined;
}

interface SpecOf {
  image: ImageSpec;
  network: NetworkSpec;
  volume: VolumeSpec;
  container: ContainerSpec;
}

interface InputOf {
  image: ImageInput;
  network: NetworkInput;
  volume: VolumeInput;
  container: ContainerInput;
}

/** One declared object: of a kind, on a host, with a name unique among its kind on that host. */
export interface Declared<K extends Kind, Spec> {
  kind: K;
  host: string;
  /** Resource name; networks, mounts and dependencies refer to it. */
  name: string;
  spec: Spec;
  /** Containers only. */
  dependsOn?: Dependency[] | undefined;
  /** Take over an object of this name that someone else made. */
  adopt?: boolean | undefined;
}

export type Resource = { [K in Kind]: Declared<K, SpecOf[K]> }[Kind];
export type ResourceInput = { [K in Kind]: Declared<K, InputOf[K]> }[Kind];
export type ContainerResource = Declared<"container", ContainerSpec>;

/** Everything of one project, checked and in normal form. */
export interface Stack {
  project: string;
  hosts: Record<string, HostSpec>;
  resources: Resource[];
}

/** A stack as a person or a front end writes it. */
export interface StackInput {
  project: string;
  hosts: Record<string, HostInput>;
  resources: ResourceInput[];
}

const TYPES = { image, network, volume, container } as const;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The stack in normal form; throws `InvalidDeclaration` with every problem in it. */
export function checkStack(input: StackInput): Stack {
  const problems: Problem[] = [];
  if (!PROJECT.test(input.project)) {
    problems.push({ path: "project", message: "must be lowercase letters, digits, - or _" });
  }
  const hosts: Record<string, HostSpec> = {};
  for (const [name, value] of Object.entries(input.hosts)) {
    if (!NAME.test(name)) problems.push({ path: joinPath("hosts", name), message: "is no name" });
    const found = inspect(host, value, ["hosts", name]);
    problems.push(...found.problems);
    if (found.value) hosts[name] = found.value;
  }
  const seen = new Set<string>();
  const resources = input.resources.flatMap((resource): Resource[] => {
    problems.push(...placeProblems(resource, input, seen));
    const found = inspect(TYPES[resource.kind], resource.spec, pathOf(resource));
    problems.push(...found.problems);
    return found.value ? [{ ...resource, spec: found.value } as Resource] : [];
  });
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  return { project: input.project, hosts, resources };
}

/** `containers.web`: where a resource stands in a stack, for problems. */
export function pathOf(resource: { kind: Kind; name: string }): [string, string] {
  return [`${resource.kind}s`, resource.name];
}

/** `web-1/container/web`: the identity of a resource within a project. */
export function addressOf(resource: { host: string; kind: Kind; name: string }): string {
  return `${resource.host}/${resource.kind}/${resource.name}`;
}

function placeProblems(resource: ResourceInput, input: StackInput, seen: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const path = joinPath(...pathOf(resource));
  if (!Object.hasOwn(input.hosts, resource.host)) {
    problems.push({ path, message: `the host ${JSON.stringify(resource.host)} is not declared` });
  }
  if (resource.kind !== "image" && !NAME.test(resource.name)) {
    problems.push({ path, message: "the name must be letters, digits, '_', '.' or '-'" });
  }
  const address = addressOf(resource);
  if (seen.has(address)) problems.push({ path, message: `is declared twice on ${resource.host}` });
  seen.add(address);
  return problems;
}
