// The facets of a container's fields in Docker's shapes, and the forms that several fields share.
import type {
  ContainerCreateRequest,
  ContainerInspectResponse,
  HostConfig,
} from "@docker/node-sdk";
import type { Normal } from "../../../model/canonical.ts";
import type { Facet as AnyFacet } from "../../../plan/facet.ts";

/** A creation that is being composed. */
export type Draft = ContainerCreateRequest & {
  HostConfig: HostConfig;
  Labels: Record<string, string>;
};

export type Facet<Value> = AnyFacet<Value, ContainerInspectResponse, Draft>;
/** What of a facet is said beside its place. */
type More = Pick<Facet<unknown>, "inherited" | "isUnset" | "told" | "zeroCounts">;

type HostKey<V> = {
  [K in keyof HostConfig]-?: V extends NonNullable<HostConfig[K]> ? K : never;
}[keyof HostConfig];
type ConfigKey = "Hostname" | "Domainname" | "User" | "WorkingDir" | "Tty" | "OpenStdin";

/** A field that is one value of HostConfig, with what an engine shows when it is not set. */
export function inHostConfig<V extends boolean | number | string>(
  key: HostKey<V>,
  unset: V,
  more: More = {},
): Facet<V> {
  return {
    write: (value, into) => {
      (into.HostConfig as Record<string, unknown>)[key] = value;
    },
    normal: (value) => value as Normal,
    read: (seen) => ((seen.HostConfig as Record<string, Normal>)?.[key] ?? unset) as Normal,
    compare: "whole",
    ...more,
  };
}

/** An engine shows the id of a container whose namespace was asked for by name. */
export function toldByName(shown: Normal, last: Normal): Normal {
  const isNamed = typeof last === "string" && last.startsWith("container:");
  return isNamed && /^container:[0-9a-f]{64}$/.test(String(shown)) ? last : shown;
}

/** A field that is one value of Config. */
export function inConfig<V extends boolean | string>(key: ConfigKey, more: More = {}): Facet<V> {
  return {
    write: (value, into) => {
      Object.assign(into, { [key]: value });
    },
    normal: (value) => value as Normal,
    read: (seen) => (seen.Config?.[key] ?? undefined) as Normal,
    compare: "whole",
    ...more,
  };
}

/** A list of HostConfig; `sorted` when its order means nothing. */
export function listInHostConfig(key: HostKey<string[]>, order: "ordered" | "sorted") {
  const arrange = (list: readonly string[]) => (order === "sorted" ? [...list].sort() : list);
  const facet: Facet<string[]> = {
    write: (value, into) => {
      (into.HostConfig as Record<string, unknown>)[key] = value;
    },
    normal: arrange,
    read: (seen) => arrange((seen.HostConfig?.[key] as string[] | null | undefined) ?? []),
    compare: "whole",
  };
  return facet;
}

/** A map of HostConfig, compared key by key. */
export function mapInHostConfig(
  key: "Sysctls" | "Annotations" | "StorageOpt",
): Facet<Record<string, string>> {
  return {
    write: (value, into) => {
      into.HostConfig[key] = value;
    },
    normal: (value) => value,
    read: (seen) => seen.HostConfig?.[key] ?? {},
    compare: "keys",
  };
}
