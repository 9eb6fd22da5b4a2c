// Opens the network of a container: its own sandbox, or that of the container it joins.

import { FairleadError } from "../../../../resources/model/errors.ts";
import type { PortMapping, Sandbox } from "../../../network/model/contract.ts";
import { isHostNetwork } from "../../network/predefined.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import type { PortRecord } from "../state/record.ts";

/** Tries of a port range before its conflict is told. */
const RANGE_TRIES = 64;
/** Docker's: a container's own network lets everybody bind low ports and ping. */
function unprivileged({ facts }: ContainerParts): Record<string, string> {
  return {
    "net.ipv4.ip_unprivileged_port_start": "0",
    // The kernel refuses groups that the agent's user namespace does not have.
    "net.ipv4.ping_group_range": `0 ${(facts.rootless?.ids ?? 2 ** 31) - 1}`,
  };
}

export async function openSandbox(
  container: Container,
  sysctls: Record<string, string>,
  parts: ContainerParts,
): Promise<Sandbox> {
  const { record, id } = container;
  const mode = record.hostConfig.NetworkMode ?? "";
  if (mode.startsWith("container:")) return joinSandbox(mode.slice("container:".length), parts);
  const own = !isHostNetwork(mode);
  for (let tries = 0; ; tries += 1) {
    try {
      return await parts.network.open({
        containerId: id,
        containerName: record.name,
        hostname: record.config.Hostname ?? "",
        endpoints: record.endpoints,
        ports: record.ports.map((port) => pick(port, tries)),
        sysctls: own ? { ...unprivileged(parts), ...sysctls } : {},
      });
    } catch (error) {
      if (!mayTryNext(error, record.ports, tries)) throw error;
    }
  }
}

/** The sandbox of a running container that others share. */
function joinSandbox(reference: string, parts: ContainerParts): Sandbox {
  const other = parts.containers.require(reference);
  if (!other.running) {
    throw new FairleadError(
      "conflict",
      `cannot join network of a non running container: ${other.id}`,
    );
  }
  const mode = other.record.hostConfig.NetworkMode ?? "";
  if (mode.startsWith("container:")) return joinSandbox(mode.slice("container:".length), parts);
  const sandbox = parts.network.find(other.id);
  if (!sandbox) throw new FairleadError("conflict", `container ${other.id} has no network`);
  // Ports and addresses are the other's to tell; the resolver runs in the other's shim.
  return { netnsPath: sandbox.netnsPath, endpoints: [], ports: [], nameTables: [] };
}

function pick(port: PortRecord, tries: number): PortMapping {
  const { hostPorts, ...mapping } = port;
  const [first, last] = hostPorts;
  return { ...mapping, hostPort: Math.min(first + tries, last) };
}

function mayTryNext(error: unknown, ports: readonly PortRecord[], tries: number): boolean {
  if (!(error instanceof FairleadError) || error.code !== "conflict") return false;
  const widest = Math.max(0, ...ports.map(({ hostPorts: [first, last] }) => last - first));
  return tries < Math.min(widest, RANGE_TRIES);
}
