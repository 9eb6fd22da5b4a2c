// What a Compose file declares, as one list of objects on hosts: for front ends that show each of
// them as a resource of their tool. Reads files, never a host.

import { SHARING, sharedContainers } from "../../resources/kinds/container/change/needs.ts";
import type { HostInput, HostSpec } from "../../resources/kinds/host/host.ts";
import { addressOf, dependedOn } from "../../resources/plan/resource.ts";
import { type Resolved, resolveStack } from "../../resources/stack/resolve.ts";
import type { Stack } from "../../resources/stack/stack.ts";
import { Problems } from "./document/problem.ts";
import { type LoadOptions, loadProject, type Project } from "./model/load.ts";
import { stackExtension } from "./translate/extension.ts";
import { translate } from "./translate/translate.ts";

/** Hosts by name, over those of the file; or one for everything, whatever the file says. */
export type Hosting = { hosts: Record<string, HostInput> } | { host: HostInput };

export interface ComposeSource extends LoadOptions {
  hosting?: Hosting | undefined;
}

export interface ComposeResources {
  /** Name of the project. */
  project: string;
  hosts: Record<string, HostSpec>;
  /** With names of their hosts throughout; each after everything that it needs. */
  resources: ComposeResource[];
  warnings: string[];
}

export type ComposeResource = Resolved & {
  /** The service that a container belongs to. */
  service?: string;
  /** Addresses of what must be there first, as `addressOf` gives them. */
  needs: Need[];
};

export interface Need {
  address: string;
  /** The field that names it; undefined when it only has to be there first. */
  field?: string;
  /** False: when that one fails, this one is made all the same. */
  required: boolean;
}

/** The resources of a Compose file; throws a ComposeError with everything that is wrong in it. */
export function composeResources({ hosting, ...options }: ComposeSource): ComposeResources {
  const project = loadProject(options);
  const { stack, replicas, warnings } = translate(project, hostsOf(project, hosting));
  const services = new Map(replicas.map(({ host, name, service }) => [`${host}/${name}`, service]));
  const jobs = awaited(stack);
  const declared = new Set(stack.resources.map(addressOf));
  const resolved = resolveStack(stack).filter((one) => declared.has(addressOf(one)));
  const resources = resolved.map((one): ComposeResource => {
    const needs = needsOf(one, resolved);
    if (one.kind !== "container") return { ...one, needs };
    const service = services.get(`${one.host}/${one.name}`);
    const job = one.spec.job ?? (jobs.has(addressOf(one)) || undefined);
    const spec = job === undefined ? one.spec : { ...one.spec, job };
    return { ...one, spec, needs, ...(service === undefined ? {} : { service }) };
  });
  const all = [...project.warnings, ...warnings];
  return {
    project: stack.project,
    hosts: stack.hosts,
    resources: inOrder(resources),
    warnings: all,
  };
}

function hostsOf(project: Project, hosting: Hosting | undefined): Record<string, HostInput> {
  if (hosting === undefined) return {};
  if ("hosts" in hosting) return hosting.hosts;
  const named = Object.keys(stackExtension(project.tree, new Problems()).hosts ?? {});
  const names = named.length > 0 ? named : ["host"];
  return Object.fromEntries(names.map((name) => [name, hosting.host]));
}

// A container that another one waits for until it has completed is a job.
function awaited({ resources }: Stack): Set<string> {
  const found = resources.flatMap(({ host, dependsOn }) =>
    (dependsOn ?? []).flatMap((one) =>
      one.condition === "completed" ? [addressOf(dependedOn({ host }, one))] : [],
    ),
  );
  return new Set(found);
}

function needsOf(one: Resolved, all: readonly Resolved[]): Need[] {
  if (one.kind !== "container") return [];
  const { spec, host } = one;
  const named = (kind: Resolved["kind"], field: string, objects: readonly string[]): Need[] =>
    all
      .filter((other) => other.kind === kind && other.host === host)
      .filter(({ object }) => objects.includes(object))
      .map((other) => ({ address: addressOf(other), field, required: true }));
  const volumes = (spec.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.source !== undefined ? [mount.source] : [],
  );
  const waited: Need[] = (one.dependsOn ?? []).map((other) => ({
    address: addressOf(dependedOn(one, other)),
    required: other.required ?? true,
  }));
  const shared = SHARING.flatMap((field) =>
    named("container", field, sharedContainers({ image: spec.image, [field]: spec[field] })),
  );
  return [
    ...named("image", "image", [spec.image]),
    ...named("network", "networks", Object.keys(spec.networks ?? {})),
    ...named("volume", "mounts", volumes),
    ...shared,
    ...waited,
  ];
}

// The files were checked for circles.
function inOrder(resources: readonly ComposeResource[]): ComposeResource[] {
  const open = new Map(resources.map((one) => [addressOf(one), one]));
  const ordered: ComposeResource[] = [];
  const visit = (address: string): void => {
    const one = open.get(address);
    if (one === undefined) return;
    open.delete(address);
    for (const need of one.needs) visit(need.address);
    ordered.push(one);
  };
  for (const one of resources) visit(addressOf(one));
  return ordered;
}
