// What was seen on the hosts: the input of diff and plan, in the engines' inspect shapes.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type { DriverLimit, HeldPort, ProjectEntryState, UnreadableRecord } from "../wire.ts";

/** What an engine can do beyond Docker's API; what it cannot is refused or planned differently. */
export interface EngineFacts {
  engine: "fairlead" | "docker" | "podman";
  version: string;
  apiVersion: string;
  /** What runs containers there, by name; undefined where nothing asked or the engine is silent. */
  runtimes?: Record<string, { cannot: DriverLimit[] }> | undefined;
  /** What no container there can have; undefined where the engine is silent. */
  cannot?: DriverLimit[] | undefined;
}

export interface ObservedHost {
  facts: EngineFacts;
  /** The project's files there; the entries only where something may differ. */
  files?: { manifest: string; clean: boolean; entries?: ProjectEntryState[] } | undefined;
  /** When that was, in milliseconds since 1970. */
  seenAtMs?: number | undefined;
  /** Those of the project, and those whose names the stack uses. */
  containers: ContainerInspectResponse[];
  networks: NetworkInspect[];
  volumes: Volume[];
  /** By the reference that was asked for; absent when the host lacks it. */
  images: Map<string, ImageInspect>;
  /** What was seen of kinds that have no place of their own here, by kind. */
  others?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** Ports in use that are not those of `containers`; empty where the engine does not say. */
  heldPorts: HeldPort[];
  /** Records that our agent could not read; undefined for other engines. */
  unreadable?: UnreadableRecord[] | undefined;
}

/** By host name. */
export type Observed = Map<string, ObservedHost>;

/** What an image reference stands for, found out before planning; by `imageKey`. */
export interface ImageTarget {
  /** `deliver`: made or read here; `registry`: fetched by the host; `host`: must be there. */
  from: "deliver" | "registry" | "host";
  /** Id on the host of a delivered image. */
  id?: string;
  /** Manifest digest that the registry names now; only when the pull policy asks. */
  digest?: string;
}

export type ImageTargets = Map<string, ImageTarget>;

/** The key of an image on a host. */
export function imageKey(host: string, reference: string): string {
  return `${host} ${reference}`;
}

/** True when labels of an existing object can be edited. */
export function canEditLabels(facts: EngineFacts): boolean {
  return facts.engine === "fairlead";
}
