// A facet joins one field of a spec with its place in Docker's wire shapes: how it is written into
// a creation, and how it is read back from an inspection.
import type {
  ContainerCreateRequest,
  ContainerInspectResponse,
  HostConfig,
} from "@docker/node-sdk";
import type { Normal } from "../../../model/canonical.ts";

/** A creation that is being composed. */
export type Draft = ContainerCreateRequest & {
  HostConfig: HostConfig;
  Labels: Record<string, string>;
};

export interface Facet<Value> {
  /** Puts the value into a creation. */
  write(value: Value, into: Draft): void;
  /** The comparable form: lists whose order means nothing sorted, collections keyed. */
  normal(value: Value): Normal;
  /** The same form from an inspection; undefined when the engine does not show the field. */
  read(seen: ContainerInspectResponse): Normal;
  /** `whole`: any difference counts. `keys`: only keys that are or were declared. */
  compare: "whole" | "keys";
  /** The form that means "not set", when a running container can be brought back to it. */
  clear?: Normal;
}

type HostKey<V> = {
  [K in keyof HostConfig]-?: V extends NonNullable<HostConfig[K]> ? K : never;
}[keyof HostConfig];
type ConfigKey = "Hostname" | "Domainname" | "User" | "WorkingDir" | "Tty" | "OpenStdin";

/** A field that is one value of HostConfig, with what an engine shows when it is not set. */
export function inHostConfig<V extends boolean | number | string>(
  key: HostKey<V>,
  unset: V,
  live?: "live",
): Facet<V> {
  return {
    write: (value, into) => {
      (into.HostConfig as Record<string, unknown>)[key] = value;
    },
    normal: (value) => value as Normal,
    read: (seen) => ((seen.HostConfig as Record<string, Normal>)?.[key] ?? unset) as Normal,
    compare: "whole",
    ...(live === undefined ? {} : { clear: unset as Normal }),
  };
}

/** A field that is one value of Config. */
export function inConfig<V extends boolean | string>(key: ConfigKey): Facet<V> {
  return {
    write: (value, into) => {
      Object.assign(into, { [key]: value });
    },
    normal: (value) => value as Normal,
    read: (seen) => (seen.Config?.[key] ?? undefined) as Normal,
    compare: "whole",
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
export function mapInHostConfig(key: "Sysctls" | "Annotations"): Facet<Record<string, string>> {
  return {
    write: (value, into) => {
      into.HostConfig[key] = value;
    },
    normal: (value) => value,
    read: (seen) => seen.HostConfig?.[key] ?? {},
    compare: "keys",
  };
}
