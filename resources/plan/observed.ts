// What was seen on the hosts: the input of diff and plan, in the engines' inspect shapes.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type {
  DriverFacts,
  DriverLimit,
  HeldPort,
  ProjectEntryState,
  UnreadableRecord,
} from "../wire.ts";
import type { BuildParts } from "./build.ts";

/** What an engine can do beyond Docker's API; what it cannot is refused or planned differently. */
export interface EngineCapabilities {
  /** Labels of what exists can be edited. */
  editsLabels: boolean;
  /** Everything that a plan needs is seen in one request. */
  observesAtOnce: boolean;
  /** A container gets its files with its creation. */
  filesAtCreation: boolean;
  /** Images are delivered blob by blob, and only what is missing. */
  takesBlobs: boolean;
  /** Files of a project's folder are kept beside its containers. */
  takesProjectFiles: boolean;
  /** A network with IPv6 that names no subnet for it gets one. */
  choosesIpv6Subnets: boolean;
  /** Builds of contexts that are delivered file by file, with secrets beside them. */
  builds: boolean;
  /** Containers can be given a socket by which they may look and not touch. */
  givesReadOnlySocket: boolean;
}

/** Of an engine that is all ours, and of one that has Docker's API and no more. */
export const ALL_CAPABILITIES: EngineCapabilities = {
  ...{ editsLabels: true, observesAtOnce: true, filesAtCreation: true },
  ...{ takesBlobs: true, takesProjectFiles: true, builds: true },
  ...{ choosesIpv6Subnets: true, givesReadOnlySocket: true },
};
export const NO_CAPABILITIES: EngineCapabilities = {
  ...{ editsLabels: false, observesAtOnce: false, filesAtCreation: false },
  ...{ takesBlobs: false, takesProjectFiles: false, builds: false },
  ...{ choosesIpv6Subnets: false, givesReadOnlySocket: false },
};

/** The drivers of an engine, and the options that each takes; absent where nothing is known. */
export interface EngineDrivers {
  networks?: DriverFacts[] | undefined;
  volumes?: DriverFacts[] | undefined;
  logs?: DriverFacts[] | undefined;
  /** What gives addresses out in networks. */
  addresses?: DriverFacts[] | undefined;
}

/** What is known of an engine before anything is planned on it. */
export interface EngineFacts {
  /** What it is called, to be shown and never to be compared. */
  engine: string;
  version: string;
  apiVersion: string;
  can: EngineCapabilities;
  /** Undefined where nothing asked or the engine is silent. */
  drivers?: EngineDrivers | undefined;
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
  /** Ids of those that nobody stopped, but which ended; undefined where the engine is silent. */
  ended?: readonly string[] | undefined;
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
  /**
   * `deliver`: made or read here; `build`: built on a host; `registry`: fetched by the host;
   * `host`: must be there.
   */
  from: "deliver" | "build" | "registry" | "host";
  /** Of one that is built: where, from what, and the files that differ from the last ones. */
  build?: { host: string; parts: BuildParts; files?: readonly string[] };
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
  return facts.can.editsLabels;
}
