// The names that an instance gives to what is global to the kernel; see ARCHITECTURE.md.
import { createHash } from "node:crypto";

const VETH_DIGITS = 11;
export const INTERFACE_NAME_BYTES = 15;

/** The mark on every interface that an instance makes, by which it finds leftovers. */
export function linkAlias(instance: string): string {
  return `fairlead instance ${instance}`;
}

/** A locally administered MAC address, the same whenever it is asked for the same thing. */
export function macAddressFor(thing: string): string {
  const digest = createHash("sha256").update(thing).digest("hex");
  return `02:42:${digest.slice(0, 8).match(/../g)?.join(":")}`;
}

/** The same for the same container and network, so that a rerun finds what a crash left. */
export function endpointId(instance: string, containerId: string, networkId: string): string {
  return createHash("sha256").update(`${instance} ${containerId} ${networkId}`).digest("hex");
}

export function vethName(endpoint: string): string {
  return `fv${endpoint.slice(0, VETH_DIGITS)}`;
}
