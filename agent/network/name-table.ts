// The name table of a network: what the resolvers in the shims answer from. Replaced atomically.
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SandboxRecord } from "./model/record.ts";

const SHORT_ID_DIGITS = 12;

/**
 * `IP NAME…`, one line an address: the container's name, short id, host name and aliases, each
 * alone and followed by the network's name. The first is what the address is called in turn.
 */
export function nameLines(networkId: string, sandboxes: Iterable<SandboxRecord>): string {
  const lines: string[] = [];
  for (const { containerId, containerName, hostname, endpoints } of sandboxes) {
    const endpoint = endpoints.find((candidate) => candidate.networkId === networkId);
    if (!endpoint) continue;
    const own = [containerName, containerId.slice(0, SHORT_ID_DIGITS), hostname];
    const alone = [...own, ...endpoint.aliases].filter((name) => name !== "");
    const [first = "", ...qualified] = alone.map((name) => `${name}.${endpoint.networkName}`);
    const names = [first, ...alone, ...qualified];
    for (const address of [endpoint.ipAddress, endpoint.ipv6Address]) {
      if (address !== "") lines.push(`${address} ${[...new Set(names)].join(" ")}\n`);
    }
  }
  return lines.join("");
}

export async function writeNameTable(path: string, lines: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(`${path}.new`, lines, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

export async function removeNameTable(path: string): Promise<void> {
  await rm(path, { force: true });
}
