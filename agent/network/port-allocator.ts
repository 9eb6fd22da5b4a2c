// Host ports: chosen where a container asks for any, refused where another holds them.
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import type { PortMapping } from "./model/contract.ts";
import { formatAddress, parseAddress } from "./model/ip.ts";
import type { SandboxRecord } from "./model/record.ts";
import type { Kernel } from "./netlink/kernel.ts";
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT } from "./netlink/numbers.ts";

const FREE_PORTS = { from: 32768, to: 60999 };
// A process that ends lets go of its descriptors in no order: we hear that a shim is gone while the
// kernel may still hold its ports.
const LEAVING = { ms: 250, pollMs: 10 };

/** Checks ports against those of other sandboxes and of the host's processes, and chooses. */
export class PortAllocator {
  readonly #kernel: Kernel;
  readonly #sandboxes: () => Iterable<SandboxRecord>;
  #next = FREE_PORTS.from;

  constructor(kernel: Kernel, sandboxes: () => Iterable<SandboxRecord>) {
    this.#kernel = kernel;
    this.#sandboxes = sandboxes;
  }

  /** The ports with numbers chosen; `conflict` when one is taken, `invalid` when it cannot be. */
  async assign(wanted: PortMapping[]): Promise<PortMapping[]> {
    const chosen: PortMapping[] = [];
    for (const port of wanted) {
      checkShape(port);
      const same = chosen.find((other) => clash(other, port));
      if (same) throw conflict(port, "the container publishes it twice");
      chosen.push(port.hostPort === 0 ? await this.#choose(port, chosen) : await this.#claim(port));
    }
    return chosen;
  }

  async #claim(port: PortMapping): Promise<PortMapping> {
    const holder = this.#holder(port);
    if (holder) throw conflict(port, `container ${holder} publishes it`);
    let code = await this.#probe(port);
    for (let ms = 0; code === EADDRINUSE && ms < LEAVING.ms; ms += LEAVING.pollMs) {
      await sleep(LEAVING.pollMs);
      code = await this.#probe(port);
    }
    if (code === 0) return port;
    if (code === EADDRNOTAVAIL) {
      throw new FairleadError("invalid", `the host has no address ${port.hostIp}`, {
        hint: "publish on an address of the host, or on none for all of them",
      });
    }
    if (code === EACCES) {
      throw new FairleadError(
        "unsupported",
        `port ${port.hostPort}: low ports are the host's root's, and this agent is not root`,
        { hint: "publish a higher one, or lower the sysctl net.ipv4.ip_unprivileged_port_start" },
      );
    }
    throw conflict(port, "another process of the host listens on it");
  }

  async #choose(port: PortMapping, chosen: PortMapping[]): Promise<PortMapping> {
    for (let tries = FREE_PORTS.from; tries <= FREE_PORTS.to; tries++) {
      const candidate = { ...port, hostPort: this.#next };
      this.#next = this.#next === FREE_PORTS.to ? FREE_PORTS.from : this.#next + 1;
      if (chosen.some((other) => clash(other, candidate)) || this.#holder(candidate)) continue;
      if ((await this.#probe(candidate)) === 0) return candidate;
    }
    throw new FairleadError("conflict", "no port from 32768 to 60999 is free on the host");
  }

  #holder(port: PortMapping): string | undefined {
    for (const { containerName, ports } of this.#sandboxes()) {
      if (ports.some((other) => clash(other, port))) return containerName;
    }
    return undefined;
  }

  async #probe({ protocol, hostIp, hostPort }: PortMapping): Promise<number> {
    const { native, netns } = this.#kernel;
    const addresses = hostIp === "" ? ["0.0.0.0", "::"] : [hostIp];
    for (const ip of addresses) {
      const code = await native.probePort({ netns, protocol, ip, port: hostPort });
      // A host without IPv6 has no one listening there either.
      const without = hostIp === "" && (code === EADDRNOTAVAIL || code === EAFNOSUPPORT);
      if (code !== 0 && !without) return code;
    }
    return 0;
  }
}

function checkShape(port: PortMapping): void {
  const valid = (number: number, low: number) =>
    Number.isInteger(number) && number >= low && number <= 65535;
  if (!valid(port.hostPort, 0) || !valid(port.containerPort, 1)) {
    const shown = `${port.hostPort}:${port.containerPort}`;
    throw new FairleadError("invalid", `${shown}: ports are numbers from 1 to 65535`);
  }
  if (port.protocol !== "tcp" && port.protocol !== "udp") {
    const message = `port ${port.containerPort}: the protocol ${port.protocol} cannot be published`;
    throw new FairleadError("unsupported", message, { hint: "use tcp or udp" });
  }
  if (port.hostIp !== "" && !parseAddress(port.hostIp)) {
    throw new FairleadError("invalid", `${JSON.stringify(port.hostIp)} is not an IP address`);
  }
}

function clash(a: PortMapping, b: PortMapping): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort || a.hostPort === 0) return false;
  const [first, second] = [parseAddress(a.hostIp), parseAddress(b.hostIp)];
  if (!first || !second) return true;
  if (first.family !== second.family) return false;
  return first.value === second.value || first.value === 0n || second.value === 0n;
}

function conflict({ hostIp, hostPort, protocol }: PortMapping, why: string): FairleadError {
  const address = parseAddress(hostIp);
  const shown = !address
    ? ""
    : address.family === 4
      ? `${formatAddress(address)}:`
      : `[${formatAddress(address)}]:`;
  return new FairleadError(
    "conflict",
    `port ${shown}${hostPort}/${protocol} is already allocated: ${why}`,
    { hint: "stop what uses the port, or publish on another one" },
  );
}
