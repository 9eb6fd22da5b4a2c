// The names that an instance gives to what is global to the kernel; see ARCHITECTURE.md.
import { createHash } from "node:crypto";

const BRIDGE_DIGITS = 10;
const VETH_DIGITS = 11;
export const INTERFACE_NAME_BYTES = 15;

/** `INSTANCE0` for the default bridge network, `fl-` and ten digits of the id for others. */
export function bridgeName(instance: string, networkId: string, isDefault: boolean): string {
  if (isDefault) return `${instance.slice(0, INTERFACE_NAME_BYTES - 1)}0`;
  return `fl-${networkId.slice(0, BRIDGE_DIGITS)}`;
}

/** The same for the same container and network, so that a rerun finds what a crash left. */
export function endpointId(instance: string, containerId: string, networkId: string): string {
  return createHash("sha256").update(`${instance} ${containerId} ${networkId}`).digest("hex");
}

export function vethName(endpoint: string): string {
  return `fv${endpoint.slice(0, VETH_DIGITS)}`;
}
