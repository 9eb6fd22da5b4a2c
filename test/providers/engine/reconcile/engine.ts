// The engine under test: Debian's dockerd, or the agent when FAIRLEAD_ENGINE=agent; and the edits
// that each of them refuses, with the sentence it is refused with.

import type { HttpEngine } from "../../../../providers/engine/client/http-engine.ts";
import type { Connect } from "../../../../providers/engine/engine.ts";
import type { containerEdits, networkEdits, volumeEdits } from "../../../resources/edits.ts";
import { DockerEngine, whyNoDockerd } from "./docker-engine.ts";

export interface TestEngine {
  readonly rootfs: string;
  readonly connect: Connect;
  readonly engine: HttpEngine;
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

/** Why there is no engine here; undefined when there is one. */
export const whyNoEngine = whyNoDockerd;

export const testEngine = (): TestEngine => new DockerEngine();

const COSTS_DATA = /cannot be changed without destroying its data/;

export const refusals: Refusals = {
  container: {
    platform: { must: /does not match the specified platform/ },
    privileged: { may: /operation not permitted/ },
    runtime: { must: /Unknown runtime specified crun/ },
    annotations: { must: /needs engine API 1\.43/ },
  },
  network: {
    driver: { may: /operation not supported/ },
    enableIpv6: { must: /IPv6 address pool/ },
    ipamDriver: { must: /plugin "other" not found/ },
  },
  volume: {
    name: { must: COSTS_DATA },
    driver: { must: COSTS_DATA },
    driverOpts: { must: COSTS_DATA },
    labels: { must: COSTS_DATA },
  },
};
