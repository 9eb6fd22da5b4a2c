// The networks that every host has, in the words of Docker's NetworkMode; which driver brings each
// is the registry's affair.
import { NETWORK_DRIVERS } from "../../network/drivers/registry.ts";

const KNOWN = NETWORK_DRIVERS.flatMap((driver) =>
  driver.predefined ? [{ name: driver.predefined.name, driver }] : [],
);

export const PREDEFINED: readonly { name: string; driver: (typeof KNOWN)[number]["driver"] }[] =
  KNOWN;
export const PREDEFINED_NAMES: readonly string[] = KNOWN.map(({ name }) => name);

/** Where a container is that names no network. */
export const DEFAULT_NETWORK = named(({ driver }) => driver.traits.interfaces);
/** Where a container is that has no network. */
export const NO_NETWORK = named(({ driver: { traits } }) => {
  return !traits.interfaces && !traits.hostNamespace;
});

/** Docker's `default`, and nothing, mean the default network. */
export function networkNamed(mode: string | undefined): string {
  return mode === undefined || mode === "" || mode === "default" ? DEFAULT_NETWORK : mode;
}

/** Whether a NetworkMode is the host's own network. */
export function isHostNetwork(mode: string | undefined): boolean {
  return KNOWN.some(({ name, driver }) => name === mode && driver.traits.hostNamespace);
}

/** Whether a NetworkMode is a network that a container has alone or not at all. */
export function standsAlone(mode: string): boolean {
  return KNOWN.some(({ name, driver }) => name === mode && !driver.traits.interfaces);
}

function named(wanted: (one: (typeof KNOWN)[number]) => boolean): string {
  const found = KNOWN.find(wanted);
  if (!found) throw new Error("the registry of network drivers lacks a predefined network");
  return found.name;
}
