// A host of its own in a network namespace, with a neighbour outside, for tests of the controller.
import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadNative, type Native } from "../../../agent/native/index.ts";
import { NetworkController } from "../../../agent/network/controller.ts";
import { NameTables } from "../../../agent/network/discovery/name-tables.ts";
import type { BridgeSettings } from "../../../agent/network/drivers/bridge-rules.ts";
import { NETWORK_DRIVERS } from "../../../agent/network/drivers/registry.ts";
import type { EndpointRequest, SandboxRequest } from "../../../agent/network/model/contract.ts";
import type { NetworkSpec } from "../../../agent/network/model/network.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";

const run = promisify(execFile);
const ADDON = join(import.meta.dirname, "../../../agent/native/build/fairlead.node");
const SPEAKER = join(import.meta.dirname, "speaker.mjs");

/** Why the suite cannot run here, if so. */
export const reasonToSkip =
  process.getuid?.() !== 0
    ? "needs root"
    : !existsSync(ADDON)
      ? "the addon is not built (npm run build)"
      : undefined;

export const HOST_IP = "198.51.100.1";
export const OUTSIDE_IP = "198.51.100.2";

export class HostLab {
  readonly native: Native = loadNative(ADDON);
  readonly warnings: string[] = [];
  readonly instance = "netlab";
  readonly host: string;
  readonly outside: string;
  run = "";
  readonly #servers: (() => void)[] = [];

  constructor() {
    const tag = randomBytes(3).toString("hex");
    this.host = `fl-host-${tag}`;
    this.outside = `fl-out-${tag}`;
  }

  async start(): Promise<void> {
    this.run = await mkdtemp(join(tmpdir(), "fairlead-net-"));
    for (const name of [this.host, this.outside]) await run("ip", ["netns", "add", name]);
    await this.ip(this.host, "link set lo up");
    await this.ip(this.host, `link add up0 type veth peer name up0 netns ${this.outside}`);
    for (const [name, ip] of [
      [this.host, HOST_IP],
      [this.outside, OUTSIDE_IP],
    ] as const) {
      await this.ip(name, `addr add ${ip}/24 dev up0`);
      await this.ip(name, `addr add 2001:db8::${ip.at(-1)}/64 dev up0 nodad`);
      await this.ip(name, "link set up0 up");
    }
  }

  async stop(): Promise<void> {
    for (const end of this.#servers) end();
    for (const name of [this.host, this.outside]) await run("ip", ["netns", "del", name]);
    await rm(this.run, { recursive: true, force: true });
  }

  /** `netns` undefined is the namespace of this process, as in production. */
  controller(
    { netns }: { netns: string | undefined } = { netns: `/run/netns/${this.host}` },
  ): NetworkController {
    return new NetworkController({
      native: this.native,
      drivers: NETWORK_DRIVERS,
      discovery: new NameTables(this.run),
      instance: this.instance,
      run: this.run,
      records: new RecordStore((line) => this.warnings.push(line)),
      ...(netns === undefined ? {} : { netns }),
      warn: (line) => this.warnings.push(line),
    });
  }

  async ip(netns: string, command: string): Promise<string> {
    return (await run("ip", ["-n", netns, ...command.split(" ")])).stdout;
  }

  async inHost(program: string, ...parameters: string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", this.host, program, ...parameters])).stdout;
  }

  async inContainer(netns: string, program: string, ...parameters: string[]): Promise<string> {
    return (await run("nsenter", [`--net=${netns}`, program, ...parameters])).stdout;
  }

  /** Everything that the controller can leave on the host: interfaces, rules, files. */
  async traces(): Promise<{ links: string[]; rules: string; files: string[] }> {
    const links = (await this.ip(this.host, "-o link")).trim().split("\n");
    const files = await readdir(this.run, { recursive: true });
    return {
      links: links.map((line) => line.split(": ")[1]?.replace(/@.*/, "") ?? "").toSorted(),
      rules: await this.inHost("nft", "list", "ruleset"),
      files: files.toSorted(),
    };
  }

  /** Serves in a namespace until the lab stops. */
  async serve(netns: string, protocol: string, port: number, name: string, ip = "0.0.0.0") {
    const parameters = [SPEAKER, "serve", protocol, ip, String(port), name];
    const child = spawn("nsenter", [`--net=${netns}`, process.execPath, ...parameters]);
    this.#servers.push(() => child.kill("SIGKILL"));
    await new Promise((resolve, reject) => {
      child.stdout.once("data", resolve);
      child.stderr.once("data", (data) => reject(new Error(String(data))));
    });
    return () => child.kill("SIGKILL");
  }

  /** The answer of a server as seen from a namespace, or "nothing". */
  async ask(
    netns: string,
    protocol: string,
    ip: string,
    port: number,
    role: "ask" | "nag" = "ask",
  ): Promise<string> {
    const parameters = [SPEAKER, role, protocol, ip, String(port)];
    try {
      const child = await run("nsenter", [`--net=${netns}`, process.execPath, ...parameters]);
      return child.stdout;
    } catch (failure) {
      return (failure as { stdout?: string }).stdout?.trim() || "nothing";
    }
  }
}

export const hostOf = (lab: HostLab) => `/run/netns/${lab.host}`;
export const outsideOf = (lab: HostLab) => `/run/netns/${lab.outside}`;

export function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

export function bridgeNetwork(name: string, subnet: string, more: Partial<NetworkSpec> = {}) {
  const id = idOf(name);
  const gateway = subnet.replace(/\.0\/.*/, ".1");
  const settings = {
    name: `fl-${id.slice(0, 10)}`,
    mtu: 1500,
    masquerade: true,
    interContainer: true,
    hostBinding: "",
    interfacePrefix: "eth",
  };
  const spec: NetworkSpec = {
    id,
    name,
    driver: "bridge",
    internal: false,
    pools: [{ subnet, gateway }],
    nameResolution: true,
    settings,
    ...more,
  };
  return spec;
}

/** The bridge of a network on its host. */
export function bridgeOf({ settings }: NetworkSpec): string {
  return (settings as BridgeSettings).name;
}

export function endpoint(network: string, more: Partial<EndpointRequest> = {}): EndpointRequest {
  return { network, aliases: [], ...more };
}

export function request(name: string, more: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    containerId: idOf(`container ${name}`),
    containerName: name,
    hostname: name,
    endpoints: [],
    ports: [],
    sysctls: {},
    ...more,
  };
}

export function port(text: string, protocol: "tcp" | "udp" = "tcp") {
  const [containerPort = "", hostPort = "0", ...ip] = text.split(":").toReversed();
  return {
    protocol,
    hostIp: ip.toReversed().join(":"),
    hostPort: Number(hostPort),
    containerPort: Number(containerPort),
  };
}
