// The engine of a host that has no agent yet: it holds nothing, and nothing can be made there. With
// it a plan is worked out for a bare host without touching it.
import { FairleadError } from "../../../../resources/model/errors.ts";
import {
  ALL_CAPABILITIES,
  type EngineDrivers,
  type ObservedHost,
} from "../../../../resources/plan/observed.ts";
import type { EngineClient } from "../../engine.ts";

// Go's names of architectures, which images use.
const ARCHITECTURES: Record<string, string> = { x86_64: "amd64", aarch64: "arm64", armv7l: "arm" };

/** The agent that an apply would install. */
export interface OfferedAgent {
  readonly version: string;
  readonly apiVersion: string;
  /** What `uname -m` says on the host. */
  readonly machine: string;
  readonly drivers?: EngineDrivers | undefined;
}

export class VacantEngine implements EngineClient {
  readonly host: string;
  readonly engine = "fairlead";
  readonly isVacant = true;
  readonly can = ALL_CAPABILITIES;
  readonly streamsAtOnce = 1;
  readonly version: string;
  readonly apiVersion: string;

  readonly #offered: OfferedAgent;

  constructor(host: string, offered: OfferedAgent) {
    this.host = host;
    this.version = offered.version;
    this.apiVersion = offered.apiVersion;
    this.#offered = offered;
  }

  readonly #absent = async (): Promise<never> => {
    throw new FairleadError("not_found", `${this.host}: nothing is there yet`, { path: this.host });
  };

  readonly #refused = async (): Promise<never> => {
    throw new FairleadError("unavailable", `${this.host}: the agent is not installed`, {
      path: this.host,
      hint: "fairlead up installs it",
    });
  };

  readonly containers: EngineClient["containers"] = {
    ...{ list: async () => [], inspect: this.#absent, create: this.#refused },
    ...{ start: this.#refused, stop: this.#refused, restart: this.#refused, kill: this.#refused },
    ...{ pause: this.#refused, unpause: this.#refused, rename: this.#refused },
    ...{ update: this.#refused, remove: this.#refused, wait: this.#refused },
    ...{ logs: this.#absent, attach: this.#refused, exec: this.#refused },
    ...{ execDetached: this.#refused, processes: this.#absent, figures: this.#absent },
    ...{ archiveOf: this.#absent, unpackInto: this.#refused, statInside: this.#absent },
  };

  readonly images: EngineClient["images"] = {
    ...{ inspect: this.#absent, pull: this.#refused, registryDigest: this.#absent },
    ...{ deliver: this.#refused, remove: this.#refused, build: this.#refused },
    ...{ contextState: this.#absent, during: this.#absent },
  };

  readonly networks: EngineClient["networks"] = {
    ...{ list: async () => [], inspect: this.#absent, create: this.#refused },
    ...{ createAgain: this.#refused, remove: this.#refused },
    ...{ connect: this.#refused, disconnect: this.#refused },
  };

  readonly volumes: EngineClient["volumes"] = {
    ...{ list: async () => [], create: this.#refused, remove: this.#refused },
  };

  readonly projectFiles: EngineClient["projectFiles"] = {
    ...{ state: this.#absent, deliver: this.#refused, remove: this.#refused },
  };

  async observe(): Promise<ObservedHost> {
    const { engine, version, apiVersion, can } = this;
    return {
      facts: { engine, version, apiVersion, can, drivers: this.#offered.drivers },
      seenAtMs: Date.now(),
      ...{ containers: [], networks: [], volumes: [], images: new Map(), heldPorts: [] },
    };
  }

  relabel = this.#refused;
  info = this.#absent;
  agentInfo = this.#absent;
  events = this.#absent;

  async platform(): Promise<string> {
    const { machine } = this.#offered;
    return `linux/${ARCHITECTURES[machine] ?? machine}`;
  }
}
