// The engines that the suites run against, and the edits that each of them refuses, with the
// sentence it is refused with.

import type { Connect, EngineClient } from "../../../../providers/engine/engine.ts";
import type { containerEdits, networkEdits, volumeEdits } from "../../../resources/kinds/edits.ts";
import { AgentEngine, whyNoAgent } from "./agent-engine.ts";
import { DockerEngine, whyNoDockerd } from "./docker-engine.ts";

export interface TestEngine {
  readonly kind: "docker" | "agent";
  readonly rootfs: string;
  readonly connect: Connect;
  readonly engine: EngineClient;
  start(): Promise<void>;
  stop(): Promise<void>;
  docker(...args: string[]): Promise<string>;
}

interface Refusals {
  container: Partial<Record<keyof typeof containerEdits, Refusal>>;
  network: Partial<Record<keyof typeof networkEdits, Refusal>>;
  volume: Partial<Record<keyof typeof volumeEdits, Refusal>>;
}

/**
 * By `plan` it is refused before anything is done, at the field; by `up` by the engine at work, and
 * `why` says what that depends on which no plan knows. With `may` it depends on this very machine.
 */
export interface Refusal {
  plan?: RegExp;
  up?: RegExp;
  why?: string;
  may?: true;
}

const OF_IMAGE = "the image that is there says what it was made for";
const RIGHTS = "the rights that this machine was given";
const STORAGE = "the file system under the daemon's storage";
const KERNEL = "what the kernel was built with";
const COSTS_DATA = /cannot be changed without destroying its data|has no volume driver/;

const dockerRefusals: Refusals = {
  container: {
    platform: { up: /does not match the specified platform/, why: OF_IMAGE },
    privileged: { up: /operation not permitted/, why: RIGHTS, may: true },
    runtime: { plan: /the host has no runtime crun/ },
    annotations: { plan: /needs engine API 1\.43/ },
    storageOpt: { up: /storage-opt is supported only/, why: STORAGE, may: true },
    cpuRealtimeRuntime: {
      plan: /version 2/,
      up: /cpu\.rt_runtime_us|discarded/,
      why: KERNEL,
      may: true,
    },
    blockIo: { up: /discarded/, why: KERNEL, may: true },
    memorySwappiness: { plan: /version 2/, up: /discarded/, why: KERNEL, may: true },
    oomKillDisable: { plan: /version 2/, up: /discarded/, why: KERNEL, may: true },
  },
  network: {
    driver: { up: /operation not supported/, why: KERNEL, may: true },
    enableIpv6: { plan: /IPv6/ },
    ipamDriver: { plan: /the host has no address driver other; it has default, null/ },
  },
  volume: {
    name: { plan: COSTS_DATA },
    driver: { plan: COSTS_DATA },
    driverOpts: { plan: COSTS_DATA },
    labels: { plan: COSTS_DATA },
  },
};

const agentRefusals: Refusals = {
  container: {
    platform: { up: /No such image|platform/, why: OF_IMAGE },
    privileged: { up: /operation not permitted/, why: RIGHTS, may: true },
    storageOpt: { plan: /the storage driver has no quota/ },
    cpuRealtimePeriod: { plan: /version 2/, may: true },
    cpuRealtimeRuntime: { plan: /no real-time|version 2/, may: true },
    memorySwappiness: { plan: /version 2/, may: true },
    oomKillDisable: { plan: /version 2/, may: true },
    // Debian's crun wants cgroups that are of one version, and this host may have both.
    runtime: { plan: /has no runtime/, up: /hybrid mode not supported/, why: KERNEL, may: true },
  },
  network: {
    // Without a parent it needs interfaces that not every kernel has.
    driver: { up: /dummy interfaces|macvlan/, why: KERNEL, may: true },
    ipamDriver: { plan: /the host has no address driver other; it has default/ },
  },
  volume: {
    name: { plan: COSTS_DATA },
    driver: { plan: COSTS_DATA },
    driverOpts: { plan: COSTS_DATA },
  },
};

/** What a suite runs against; `missing` says why it cannot. */
export interface EngineCase {
  name: string;
  missing: string | undefined;
  make(): TestEngine;
  refusals: Refusals;
}

export const dockerd: EngineCase = {
  name: "Debian's dockerd",
  missing: whyNoDockerd(),
  make: () => new DockerEngine(),
  refusals: dockerRefusals,
};

export const agent: EngineCase = {
  name: "our agent",
  missing: whyNoAgent(),
  make: () => new AgentEngine(),
  refusals: agentRefusals,
};
