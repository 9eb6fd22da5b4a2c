// The drivers that every agent of this build has, whatever its host. An agent tells them, and its
// bundle does, so that a plan for a bare host knows them too. Imports registries and does nothing.
import type { AgentDrivers } from "../resources/wire.ts";
import { LOG_DRIVERS } from "./logs/drivers/registry.ts";
import { NETWORK_DRIVERS } from "./network/drivers/registry.ts";
import { ADDRESS_DRIVERS } from "./network/ipam/drivers.ts";
import { VOLUME_DRIVERS } from "./storage/volume/registry.ts";

/** Their names, and the options that each takes. */
export function driverFacts(): Required<Omit<AgentDrivers, "storage">> {
  return {
    networks: NETWORK_DRIVERS.filter(({ traits }) => traits.creatable).map(factsOf),
    volumes: VOLUME_DRIVERS.map(factsOf),
    logs: LOG_DRIVERS.map(factsOf),
    addresses: ADDRESS_DRIVERS.map(factsOf),
  };
}

/** The same without those that this host cannot have. */
export function hostDriverFacts(): ReturnType<typeof driverFacts> {
  const here = LOG_DRIVERS.filter(({ missing }) => missing?.() === undefined);
  return { ...driverFacts(), logs: here.map(factsOf) };
}

function factsOf({ name, options }: { name: string; options: readonly string[] }) {
  return { name, options: [...options] };
}
