// The discovery of one host: a file for each network, from which the resolvers in the shims answer.
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import type { SandboxRecord } from "../model/record.ts";
import type { Discovery } from "./discovery.ts";

const SHORT_ID_DIGITS = 12;

export class NameTables implements Discovery {
  readonly #folder: string;

  /** `run` is the agent's `--run` directory. */
  constructor(run: string) {
    this.#folder = `${run}/hosts`;
  }

  table(networkId: string): string {
    return `${this.#folder}/${networkId}`;
  }

  /** Replaces the file whole: a resolver never reads half of it. */
  async publish(networkId: string, sandboxes: Iterable<SandboxRecord>): Promise<void> {
    const path = this.table(networkId);
    await mkdir(this.#folder, { recursive: true, mode: 0o755 });
    await writeFile(`${path}.new`, nameLines(networkId, sandboxes), { mode: 0o644 });
    await rename(`${path}.new`, path);
  }

  async withdraw(networkId: string): Promise<void> {
    await rm(this.table(networkId), { force: true });
  }

  async keepOnly(networkIds: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const name of names) if (!networkIds.has(name)) await this.withdraw(name);
  }
}

/**
 * `IP NAME…`, one line an address: the container's name, short id, host name and aliases, each
 * alone and followed by the network's name. The first is what the address is called in turn.
 */
function nameLines(networkId: string, sandboxes: Iterable<SandboxRecord>): string {
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
