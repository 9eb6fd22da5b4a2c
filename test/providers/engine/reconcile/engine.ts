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

/** `must` is refused by every such engine; `may` depends on the kernel and its rights. */
export type Refusal = { must: RegExp } | { may: RegExp };

const COSTS_DATA = /cannot be changed without destroying its data|has no volume driver/;

const dockerRefusals: Refusals = {
  container: {
    platform: { must: /does not match the specified platform/ },
    privileged: { may: /operation not permitted/ },
    runtime: { must: /the host has no runtime crun/ },
    annotations: { must: /needs engine API 1\.43/ },
    storageOpt: { may: /storage-opt is supported only/ },
    cpuRealtimeRuntime: { may: /cpu\.rt_runtime_us|discarded/ },
    blockIo: { may: /discarded/ },
    memorySwappiness: { may: /discarded/ },
    oomKillDisable: { may: /discarded/ },
  },
  network: {
    driver: { may: /operation not supported/ },
    enableIpv6: { must: /IPv6 address pool/ },
    ipamDriver: { must: /the host has no address driver other; it has default, null/ },
  },
  volume: {
    name: { must: COSTS_DATA },
    driver: { must: COSTS_DATA },
    driverOpts: { must: COSTS_DATA },
    labels: { must: COSTS_DATA },
  },
};

const agentRefusals: Refusals = {
  container: {
    platform: { must: /No such image|platform/ },
    privileged: { may: /operation not permitted/ },
    storageOpt: { must: /the storage driver has no quota/ },
    cpuRealtimePeriod: { may: /version 2/ },
    cpuRealtimeRuntime: { may: /no real-time|version 2/ },
    memorySwappiness: { may: /version 2/ },
    oomKillDisable: { may: /version 2/ },
    // Debian's crun wants cgroups that are of one version, and this host may have both.
    runtime: { may: /cgroups in hybrid mode not supported|the host has no runtime/ },
  },
  network: {
    // Without a parent it needs interfaces that not every kernel has.
    driver: { may: /dummy interfaces|macvlan/ },
    ipamDriver: { must: /the host has no address driver other; it has default/ },
  },
  volume: {
    name: { must: COSTS_DATA },
    driver: { must: COSTS_DATA },
    driverOpts: { must: COSTS_DATA },
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
