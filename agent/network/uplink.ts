// The way out of the networks of an agent that is not root: their own namespace, joined to the
// host's by pasta or slirp4netns, which copy packets to ordinary sockets. Owns both.
import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";
import type { Native } from "../native/index.ts";
import { recordForm, writeRecord } from "../state/record.ts";
import type { RecordStore } from "../state/record-store.ts";
import { Kernel } from "./netlink/kernel.ts";

export interface UplinkOptions {
  native: Native;
  /** The agent's `--run` directory. */
  run: string;
  records: RecordStore;
  /** Told when the program had to be started again, or cannot be. */
  warn(line: string): void;
  /** Folders with programs; those of $PATH and the system's by default. */
  path?: string[];
}

interface UplinkRecord {
  program: string;
  pid: number;
  /** Start time of the process in clock ticks: with it a pid means one process only. */
  started: string;
}

/** uplink/program.json. */
const uplinkForm = recordForm<UplinkRecord>(
  {
    what: "the record of the program that leads out of the container networks",
    remedy: "it was started anew; remove the file",
    version: 1,
  },
  z.looseObject({ program: z.string(), pid: z.number(), started: z.string() }),
);

/** slirp4netns's own addresses, and pasta is given the same. The far end is the gateway. */
const ADDRESS = "10.0.2.100";
const GATEWAY = "10.0.2.2";
const DEVICE = "tap0";
const PREFIX = "24";
const READY_MS = 10_000;
const WATCH_MS = 3000;
const INSTALL = "install passt or slirp4netns on the host (Debian, Ubuntu, Fedora have both)";

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #kernel: Kernel;
  #watch: NodeJS.Timeout | undefined;
  #failure = "it was not opened yet";

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#kernel = new Kernel(options.native, this.netns);
  }

  /** Where the namespace of the networks is pinned. */
  get netns(): string {
    return `${this.#options.run}/uplink/netns`;
  }

  /** Why networks that lead out cannot be had; undefined when they can. */
  get missing(): string | undefined {
    return this.#failure === "" ? undefined : this.#failure;
  }

  /** Makes the namespace and the way out, where they are not there from an earlier agent. */
  async open(): Promise<void> {
    await this.#ensureNamespace();
    await this.#ensureProgram();
    this.#watch ??= setInterval(() => void this.#ensureProgram(), WATCH_MS).unref();
  }

  /** Ends the program and removes the namespace. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#watch = undefined;
    const record = await this.#running();
    if (record) process.kill(record.pid, "SIGTERM");
    await this.#options.native.deleteNetns(this.netns);
  }

  /** Throws `unsupported`, with what to install, when nothing leads out. */
  require(network: string): void {
    if (this.missing === undefined) return;
    throw new FairleadError(
      "unsupported",
      `network ${network} leads out of the host, which this rootless agent cannot: ${this.missing}`,
      { hint: `${INSTALL}, or use an internal network, network_mode host or none` },
    );
  }

  async #ensureNamespace(): Promise<void> {
    const folder = dirname(this.netns);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pinned = statSync(this.netns, { throwIfNoEntry: false });
    if (pinned && pinned.dev !== statSync(folder).dev) return;
    await this.#options.native.deleteNetns(this.netns);
    await this.#options.native.createNetns(this.netns);
  }

  async #ensureProgram(): Promise<void> {
    if (await this.#running()) {
      this.#failure = "";
      return;
    }
    const again = this.#failure === "";
    this.#failure = await this.#start().catch((error: Error) => error.message);
    if (again) {
      const how = this.#failure === "" ? "it was started again" : this.#failure;
      this.#options.warn(`the way out of the container networks had ended: ${how}`);
    }
  }

  /** The first program that makes its device; "" or why none did. */
  async #start(): Promise<string> {
    const failures: string[] = [];
    for (const [name, args] of candidates(this.netns)) {
      const program = find(name, this.#options.path);
      if (program === undefined) continue;
      const pid = this.#launch(program, args);
      if (pid !== undefined && (await this.#deviceOf(pid))) {
        const record: UplinkRecord = { program, pid, started: startedAt(pid) };
        await writeRecord(uplinkForm, this.#record, record);
        return "";
      }
      if (pid !== undefined) tryKill(pid);
      failures.push(`${name} did not start, see ${this.#log}`);
    }
    return failures.length > 0 ? failures.join("; ") : "neither pasta nor slirp4netns is installed";
  }

  /** It outlives the agent, as the containers do that use it. */
  #launch(program: string, args: string[]): number | undefined {
    const log = openSync(this.#log, "a", 0o600);
    const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] });
    child.on("error", (error) => this.#options.warn(`${program}: ${error.message}`));
    child.unref();
    closeSync(log);
    return child.pid;
  }

  async #deviceOf(pid: number): Promise<boolean> {
    const endsAt = Date.now() + READY_MS;
    while (Date.now() < endsAt && startedAt(pid) !== "") {
      if (await this.#kernel.link(DEVICE)) return true;
      await sleep(20);
    }
    return false;
  }

  async #running(): Promise<UplinkRecord | undefined> {
    const reading = await this.#options.records.read(uplinkForm, this.#record);
    if (!reading || !("record" in reading)) return undefined;
    const { record } = reading;
    return startedAt(record.pid) === record.started ? record : undefined;
  }

  get #record(): string {
    return `${this.#options.run}/uplink/program.json`;
  }

  get #log(): string {
    return `${this.#options.run}/uplink/log`;
  }
}

/**
 * Neither lets containers reach services that listen on the host's loopback address only, and
 * neither forwards ports: the shims do.
 */
function candidates(netns: string): [name: string, args: string[]][] {
  const address = ["--address", ADDRESS, "--netmask", PREFIX, "--gateway", GATEWAY];
  const noPorts = ["-t", "none", "-u", "none", "-T", "none", "-U", "none"];
  const own = ["--foreground", "--quiet", "--netns-only", "--config-net", "--ns-ifname", DEVICE];
  const pasta = [...own, "--ipv4-only", ...address, ...noPorts, "--no-map-gw", "--netns", netns];
  const slirp = ["--netns-type=path", "--configure", "--mtu=65520", "--disable-host-loopback"];
  return [
    ["pasta", pasta],
    ["slirp4netns", [...slirp, netns, DEVICE]],
  ];
}

const SYSTEM_PATH = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

function find(name: string, path = (process.env.PATH ?? "").split(":").concat(SYSTEM_PATH)) {
  for (const folder of path) {
    if (!folder.startsWith("/")) continue;
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Field 22 of /proc/PID/stat, proc_pid_stat(5); "" for a process that is gone or a zombie. */
function startedAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
