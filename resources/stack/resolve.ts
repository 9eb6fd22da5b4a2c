// From names in a stack to names on hosts: every object named, every reference to one resolved.
import { kindOf } from "../kinds/registry.ts";
import { addressOf, type Declared, type Need, placeOf } from "../plan/resource.ts";
import type { Resource, Stack } from "./stack.ts";

/** A resource whose spec has the host's names only, `spec.name` among them. */
export type Resolved = Resource & { object: string };

/** Every resource with the names of its host; those that others imply are added, and come first. */
export function resolveStack(stack: Stack): Resolved[] {
  const index = new Map(stack.resources.map((resource) => [addressOf(resource), resource]));
  const resolved = stack.resources.map((resource): Resolved => {
    const { host, kind, spec } = resource;
    const nameOf = (other: string, name: string) => {
      const found = index.get(addressOf({ host, kind: other, name }));
      return found && objectName(stack.project, found);
    };
    const object = objectName(stack.project, resource);
    const placed = kindOf(kind).placed(spec, nameOf, stack.hosts[host]);
    return { ...resource, object, spec: { ...placed, name: object } } as Resolved;
  });
  return [...impliedBy(resolved), ...resolved];
}

function objectName(project: string, resource: Declared): string {
  const { name } = resource.spec as { name?: string };
  const { join } = kindOf(resource.kind);
  return name ?? (join === undefined ? resource.name : `${project}${join}${resource.name}`);
}

// An image that a container is made from is one of the stack, declared or not.
function impliedBy(resolved: readonly Resolved[]): Resolved[] {
  const declared = new Set(resolved.map((one) => placeOf(one.host, one)));
  const implied = new Map<string, { host: string; needs: Need[] }>();
  for (const { host, kind, spec } of resolved) {
    for (const need of kindOf(kind).needs(spec)) {
      const place = placeOf(host, need);
      if (declared.has(place) || !kindOf(need.kind).implied) continue;
      const known = implied.get(place);
      if (known) known.needs.push(need);
      else implied.set(place, { host, needs: [need] });
    }
  }
  return [...implied.values()].map(({ host, needs }) => {
    const [{ kind, object }] = needs as [Need];
    const spec = kindOf(kind).implied!(object, needs, host);
    return { kind, host, name: spec.name, object: spec.name, spec } as Resolved;
  });
}
