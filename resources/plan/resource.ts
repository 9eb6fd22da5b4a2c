// A declared object as every layer above sees it, whatever its kind: where it is and what it is
// called. What its spec holds is known to its kind alone.

import type { GivenFiles } from "./project-files.ts";

/** What must be true of something else that runs before this one is started. */
export interface Dependency {
  /** Its kind, one that runs; a container when absent. */
  kind?: string | undefined;
  /** Its resource name in the stack. */
  name: string;
  /** Its host; the same host when absent. */
  host?: string | undefined;
  condition: "started" | "healthy" | "completed";
  /** Restart this one when that one was replaced or restarted. */
  restart?: boolean | undefined;
  /** False: when that one fails, start this one all the same. Default true. */
  required?: boolean | undefined;
}

/** One declared object: of a kind, on a host, with a name unique among its kind on that host. */
export interface Declared<Spec = unknown, K extends string = string> {
  kind: K;
  host: string;
  /** Resource name; networks, mounts and dependencies refer to it. */
  name: string;
  spec: Spec;
  /** For kinds that run. */
  dependsOn?: Dependency[] | undefined;
  /** Take over an object of this name that someone else made. */
  adopt?: boolean | undefined;
  /** Images only: the host that builds it for all of its platform; else the first of them. */
  builder?: string | undefined;
  /** Images only: no container of its host has it; others may be built on it there. */
  isBase?: boolean | undefined;
  /** Containers only: files of the project's folder among its mounts. */
  given?: GivenFiles | undefined;
}

/** A declared object whose spec has the host's names only, `spec.name` among them. */
export type Placed<Spec = unknown> = Declared<Spec> & {
  /** Name on the host. */
  object: string;
};

/** Another object that one cannot be without, by its name on the same host. */
export interface Need {
  kind: string;
  object: string;
  /** What that object must be when nobody declares it; only for kinds that may be implied. */
  as?: Readonly<Record<string, unknown>>;
}

/** `containers.web`: where a resource stands in a stack, for problems. */
export function pathOf(resource: { kind: string; name: string }): [string, string] {
  return [`${resource.kind}s`, resource.name];
}

/** `web-1/container/web`: the identity of a resource within a project. */
export function addressOf(resource: { host: string; kind: string; name: string }): string {
  return `${resource.host}/${resource.kind}/${resource.name}`;
}

/** Who is depended on, as `addressOf` takes it. */
export function dependedOn(
  { host }: { host: string },
  dependency: Dependency,
): { host: string; kind: string; name: string } {
  return {
    host: dependency.host ?? host,
    kind: dependency.kind ?? "container",
    name: dependency.name,
  };
}

/** `web-1/container/shop-web`: where an object is found. */
export function placeOf(host: string, { kind, object }: { kind: string; object: string }): string {
  return `${host}/${kind}/${object}`;
}
