// What everything above it asks of a host's engine: verbs on containers, images, networks, volumes
// and a project's files, and what the engine is. An engine is a folder that implements this, and
// how it is spoken to is known there alone; nothing here does I/O.
import type { Duplex, Readable } from "node:stream";
import type {
  ContainerInspectResponse,
  ContainerSummary,
  EndpointSettings,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type { ContainerSpec } from "../../resources/kinds/container/container.ts";
import type { HostSpec } from "../../resources/kinds/host/host.ts";
import type { NetworkSpec } from "../../resources/kinds/network/network.ts";
import type { VolumeSpec } from "../../resources/kinds/volume/volume.ts";
import type { EngineCapabilities, ObservedHost } from "../../resources/plan/observed.ts";
import type {
  AgentInfo,
  LabelsRequest,
  ObserveRequest,
  ProjectState,
} from "../../resources/wire.ts";
import type { LocalBuild } from "./image-build/local.ts";
import type { BuiltSpec } from "./image-build/request.ts";
import type { LocalImage } from "./image-source/source.ts";
import type { LocalFiles } from "./project-files/scan.ts";
import type { Report } from "./report/report.ts";

/**
 * One host's engine. Failures are `FairleadError`s with the engine's sentence and code; what is not
 * there is `not_found`. What is seen is in the forms of Docker's inspections, which plans read.
 */
export interface EngineClient {
  /** Name of the host in the stack. */
  readonly host: string;
  /** What the engine is called, to be shown and never to be compared. */
  readonly engine: string;
  /** Nothing is there yet: everything that a plan needs will have to be brought. */
  readonly isVacant?: boolean;
  /** What it can do beyond Docker's API. */
  readonly can: EngineCapabilities;
  /** Negotiated API version, such as `1.41`. */
  readonly apiVersion: string;
  /** Version of the engine itself. */
  readonly version: string;

  readonly containers: ContainerVerbs;
  readonly images: ImageVerbs;
  readonly networks: NetworkVerbs;
  readonly volumes: VolumeVerbs;
  readonly projectFiles: ProjectFilesVerbs;

  /** Everything asked for, and everything of the project. */
  observe(request: Required<ObserveRequest>, options?: ObserveOptions): Promise<ObservedHost>;
  /** Edits labels of what exists: a text sets one, null takes it away. */
  relabel(request: LabelsRequest, signal?: AbortSignal): Promise<void>;
  /** What the host is. */
  info(signal?: AbortSignal): Promise<HostInfo>;
  /** What our agent says of itself; undefined for another engine. */
  agentInfo(signal?: AbortSignal): Promise<AgentInfo | undefined>;
  /** What images must be made for there, such as `linux/amd64`. */
  platform(signal?: AbortSignal): Promise<string>;
  /** What happens to objects with a label, from now on or from `since`. */
  events(label: string, options: EventOptions): Promise<AsyncIterable<EngineEvent>>;
}

/** Gives the engine of a host; called once per host and run. The giver closes what it opened. */
export type Connect = (host: string, spec: HostSpec, signal?: AbortSignal) => Promise<EngineClient>;

export interface ObserveOptions {
  /** Also which drivers and runtimes there are, where that takes a question of its own. */
  withDrivers?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** By id or name, where nothing else is said. */
export interface ContainerVerbs {
  /** Those with all these labels (`KEY` or `KEY=VALUE`); without `all` those that run. */
  list(options?: ListOptions): Promise<ContainerSummary[]>;
  inspect(id: string, signal?: AbortSignal): Promise<ContainerInspectResponse>;
  /** Makes one with its networks and files, not yet started; answers its id. */
  create(request: ContainerCreateRequest): Promise<string>;
  /** Starts it; one that runs is fine. */
  start(id: string, signal?: AbortSignal): Promise<void>;
  /** Stops it; one that has stopped is fine. */
  stop(id: string, options?: StopOptions): Promise<void>;
  /** Stops and starts it. */
  restart(id: string, options?: StopOptions): Promise<void>;
  /** Sends a signal to its first process. */
  kill(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Freezes all its processes. */
  pause(id: string, signal?: AbortSignal): Promise<void>;
  /** Lets them go on. */
  unpause(id: string, signal?: AbortSignal): Promise<void>;
  rename(id: string, name: string, signal?: AbortSignal): Promise<void>;
  /** Gives it the limits and the restart policy of the spec. */
  update(id: string, spec: ContainerSpec, signal?: AbortSignal): Promise<void>;
  /** Removes it, and its anonymous volumes when asked; one that runs only with `force`. */
  remove(
    id: string,
    options?: { force?: boolean; volumes?: boolean; signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** The exit code, once it has ended. */
  wait(
    id: string,
    condition: "not-running" | "next-exit" | "removed",
    signal?: AbortSignal,
  ): Promise<number>;
  /** What it has written, and with `follow` what it goes on to write. */
  logs(id: string, options?: LogOptions): Promise<AsyncIterable<Output>>;
  /** Joins its first process. */
  attach(id: string, options: AttachOptions): Promise<Joined>;
  /** Runs a command in it. */
  exec(id: string, command: Command, signal?: AbortSignal): Promise<Executing>;
  /** Runs a command in it and leaves it alone. */
  execDetached(id: string, command: Command, signal?: AbortSignal): Promise<void>;
  /** Its processes, as ps(1) prints them. */
  processes(id: string, signal?: AbortSignal): Promise<Processes>;
  /** What it uses, over about a second. */
  figures(id: string, signal?: AbortSignal): Promise<Figures>;
  /** A tar of what is at a path inside of it. */
  archiveOf(id: string, path: string, signal?: AbortSignal): Promise<Readable>;
  /** Unpacks a tar in a folder inside of it. */
  unpackInto(
    id: string,
    folder: string,
    tar: Readable,
    options: { keepOwners?: boolean; signal?: AbortSignal },
  ): Promise<void>;
  /** What is at a path inside of it: name and mode. */
  statInside(
    id: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; mode: number }>;
}

export interface ImageVerbs {
  inspect(name: string, signal?: AbortSignal): Promise<ImageInspect>;
  /** Has the host fetch an image from its registry; returns when it is there. */
  pull(
    name: string,
    platform: string | undefined,
    report: Report,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The digest that the registry names for a tag now, asked through the host. */
  registryDigest(name: string, signal?: AbortSignal): Promise<string>;
  /** Makes an image of this machine there under this name; throws when it arrived as another. */
  deliver(name: string, image: LocalImage, report: Report, signal?: AbortSignal): Promise<void>;
  /** Builds one there under its names, of what is here. */
  build(spec: BuiltSpec, local: LocalBuild, report: Report, signal?: AbortSignal): Promise<void>;
  /** The files of a build's context that are there, entry by entry. */
  contextState(context: string, signal?: AbortSignal): Promise<ProjectState>;
  /** Does the work with an image that the host has: it can be delivered to another meanwhile. */
  during<T>(
    name: string,
    platform: string,
    work: (image: LocalImage) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Takes a name away, and the image with its last one. */
  remove(name: string, signal?: AbortSignal): Promise<void>;
}

export interface NetworkVerbs {
  list(options?: ListOptions): Promise<NetworkInspect[]>;
  inspect(id: string, signal?: AbortSignal): Promise<NetworkInspect>;
  create(request: CreateRequest<NetworkSpec>): Promise<void>;
  /** Makes one that was removed as it was seen, in other subnets unless these are kept. */
  createAgain(seen: NetworkInspect, keepsSubnets: boolean): Promise<void>;
  remove(id: string, signal?: AbortSignal): Promise<void>;
  connect(
    id: string,
    container: string,
    settings: EndpointSettings,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Takes a container out of it, also one that runs. */
  disconnect(id: string, container: string, signal?: AbortSignal): Promise<void>;
}

export interface VolumeVerbs {
  list(options?: ListOptions): Promise<Volume[]>;
  create(request: CreateRequest<VolumeSpec>): Promise<void>;
  /** Removes it with its data. */
  remove(name: string, signal?: AbortSignal): Promise<void>;
}

/** The files of projects' folders, which containers bind. */
export interface ProjectFilesVerbs {
  /** What is there, entry by entry. */
  state(project: string, signal?: AbortSignal): Promise<ProjectState>;
  /** Makes them those of here, or none; reports what containers keep. */
  deliver(
    project: string,
    files: LocalFiles | undefined,
    report: Report,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Takes them away, with what containers wrote among them. */
  remove(project: string, signal?: AbortSignal): Promise<void>;
}

/** What is to be made, under its name on the host. */
export interface CreateRequest<Spec> {
  name: string;
  spec: Spec;
  /** fairlead's own labels, beside those of the spec. */
  labels: Record<string, string>;
  signal?: AbortSignal | undefined;
}

// What takes a moment is not cut short: the host would go on with it.
export type ContainerCreateRequest = Omit<CreateRequest<ContainerSpec>, "signal">;

export interface ListOptions {
  labels?: readonly string[];
  all?: boolean;
  signal?: AbortSignal | undefined;
}

export interface StopOptions {
  /** Seconds until it is killed; the container's own by default. */
  timeout?: number | undefined;
  /** Its own time to end, where it is known. */
  graceMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What was written, as it arrived: a line may come in several pieces. */
export interface Output {
  readonly from: "stdin" | "stdout" | "stderr";
  readonly bytes: Buffer;
}

export interface LogOptions {
  /** How many of the last lines; all by default. */
  tail?: number | undefined;
  /** Seconds since 1970. */
  since?: string | undefined;
  until?: string | undefined;
  timestamps?: boolean;
  follow?: boolean;
  /** Whether it has a terminal, where that is known already. */
  tty?: boolean | undefined;
  /** Time without a byte after which it fails; for what is followed there is none. */
  idleTimeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface AttachOptions {
  /** Whether its standard input is joined too. */
  stdin: boolean;
  /** Whether it has a terminal, which says how its output comes. */
  tty: boolean;
  signal?: AbortSignal | undefined;
}

/** A process whose streams lead here. */
export interface Joined {
  /** What is written goes to its standard input; ending it is end of file. */
  readonly input: Duplex;
  readonly output: AsyncIterable<Output>;
  /** The size of its terminal. Never fails: it may have ended by now. */
  resize(rows: number, columns: number): Promise<void>;
  /** Leaves it as it is. */
  leave(): void;
}

export interface Executing extends Joined {
  /** Of the command, after its output has ended. */
  exitCode(): Promise<number>;
}

export interface Command {
  argv: readonly string[];
  stdin?: boolean;
  tty?: boolean;
  user?: string | undefined;
  workdir?: string | undefined;
  /** `NAME=VALUE`. */
  env?: readonly string[] | undefined;
  privileged?: boolean;
}

export interface Processes {
  Titles: string[];
  Processes: string[][];
}

/** Docker's figures, as far as they are read here. */
export interface Figures {
  cpu_stats?: {
    cpu_usage?: { total_usage?: number };
    system_cpu_usage?: number;
    online_cpus?: number;
  };
  precpu_stats?: Figures["cpu_stats"];
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] | null };
  pids_stats?: { current?: number };
}

/** What a host is; absent where the engine does not say. */
export interface HostInfo {
  version?: string | undefined;
  operatingSystem?: string | undefined;
  kernel?: string | undefined;
  architecture?: string | undefined;
  cpus?: number | undefined;
  memoryBytes?: number | undefined;
  cgroups?: string | undefined;
  /** What does not work there, in sentences. */
  warnings: string[];
}

export interface EventOptions {
  /** Seconds since 1970. */
  since?: string | undefined;
  until?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Something that happened, as Docker tells it. */
export interface EngineEvent {
  Type?: string;
  Action?: string;
  time?: number;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}
