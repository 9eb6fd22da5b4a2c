// What there is of every engine that a host can have: how it is opened, and what a run may do with
// a host that has it. A kind of engine is a folder beside this file and a line in registry.ts.
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import type { EngineDrivers } from "../../../resources/plan/observed.ts";
import type { BootstrapEvent } from "../bootstrap/bootstrap.ts";
import type { HostFacts } from "../bootstrap/facts.ts";
import type { UninstallOptions } from "../bootstrap/uninstall.ts";
import type { EngineClient } from "../engine.ts";
import type { Tunnel, TunnelOptions } from "../tunnel/tunnel.ts";
import type { OnWait } from "../waiting.ts";

export interface EngineKind {
  /** What people call it where a host is shown. */
  readonly title: string;
  /** Whether we bring it to the host, upgrade it and take it off again. */
  readonly isInstalled: boolean;
  /** Connects and looks which state it is in; changes nothing there. */
  open(name: string, spec: HostSpec, options: OpenOptions): Promise<OpenHost>;
}

export interface OpenOptions {
  /** Take and write down the key of a host that is not known yet. Default false. */
  readonly acceptNewHostKey?: boolean | undefined;
  /** Folder of the bundle on the hosts. Default `/opt/fairlead`. */
  readonly prefix?: string | undefined;
  /** Folder with the bundles here. Default: that of this installation. */
  readonly bundleFolder?: string | undefined;
  /** Configuration files of ssh. Default: the user's and the system's. */
  readonly configFiles?: readonly string[] | undefined;
  readonly onWarning: (text: string) => void;
  /** Told of waits for the host that take longer than a second. */
  readonly onWait: OnWait;
  readonly onBootstrap: (event: BootstrapEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A host of a run, connected. */
export interface OpenHost {
  readonly agent: AgentState;
  /** Round trips so far, after the connection was made. */
  readonly roundTrips: number;
  /** The engine as it is; one that is not there yet is seen as empty. */
  readOnly(): EngineClient;
  /** Brings the engine to the host, or to our version, where that is needed. */
  install(signal: AbortSignal | undefined): Promise<void>;
  /** A local socket that leads to the engine. */
  tunnel(options: TunnelOptions): Promise<Tunnel>;
  /** Takes the engine off the host again; `unsupported` for one that we do not install. */
  uninstall(options: UninstallOptions): Promise<void>;
  /** Ends the connection. Never fails. */
  close(): Promise<void>;
}

/** Of an engine that we do not install, always `answering`. */
export interface AgentState {
  /** `silent`: installed, and yet it does not answer; `vacant`: never installed. */
  readonly is: "answering" | "silent" | "vacant";
  /** The version that runs; absent when none answers, and for other engines. */
  readonly running: string | undefined;
  /** The version that an apply brings; absent when what runs stays. */
  readonly offered: string | undefined;
  readonly facts: HostFacts | undefined;
  /** The drivers that the offered version has, where it is known and nothing answers. */
  readonly drivers?: EngineDrivers | undefined;
}
