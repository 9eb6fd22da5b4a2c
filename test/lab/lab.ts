// N real hosts on a private bridge of this machine, made on demand and removed with everything they
// left, also what an earlier run that was killed left behind.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseRoot } from "./base.ts";
import { dropCgroups } from "./cgroup.ts";
import { LabHost } from "./host.ts";
import { attempt, run } from "./shell.ts";

export type { LabHost };

const TOP = join(tmpdir(), "fairlead-lab");
// What a user who is not root needs: ids, a way out for networks, services of users.
const ROOTLESS = ["uidmap", "passt", "slirp4netns", "libpam-systemd"];

/** Why this machine cannot carry a lab, or undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "the lab needs root on Linux";
  for (const program of ["/usr/bin/systemd-nspawn", "/usr/bin/mmdebstrap", "/usr/bin/ssh-keygen"]) {
    if (!existsSync(program)) return `the lab needs ${program} (scripts/setup.sh test installs it)`;
  }
  return undefined;
}

export interface LabOptions {
  /** Size of the disk below /var/lib; no limit by default. */
  diskMiB?: number;
  /** With what agents of ordinary users need: more packages, a tun device, plain proc and sysfs. */
  rootless?: boolean;
  /** Packages of Debian besides. */
  packages?: string[];
}

export class Lab {
  readonly folder: string;
  readonly hosts: LabHost[] = [];
  private readonly bridge: string;
  private readonly subnet: string;

  private constructor(index: number) {
    this.folder = join(TOP, String(index));
    this.bridge = `fllab${index}`;
    this.subnet = `10.88.${index}`;
  }

  /** Opens a lab with so many hosts named h1, h2, …; 3 s a host once the base is cached. */
  static async open(count: number, options: LabOptions = {}): Promise<Lab> {
    mkdirSync(TOP, { recursive: true, mode: 0o755 });
    await sweep();
    const { rootless, packages = [] } = options;
    const base = await baseRoot([...(rootless ? ROOTLESS : []), ...packages]);
    const lab = new Lab(claim());
    try {
      await lab.build(count, base, options);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** The host called h1, h2, … */
  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (!found) throw new Error(`no lab host ${name}`);
    return found;
  }

  get privateKeyPath(): string {
    return join(this.folder, "id_ed25519");
  }

  get knownHostsPath(): string {
    return join(this.folder, "known_hosts");
  }

  /** What a web server answers on an address of a host itself, which has bash and no browser. */
  async ask(host: LabHost, address: string, port: number): Promise<string> {
    const request = String.raw`printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3`;
    return this.ssh(host, `bash -c 'exec 3<>/dev/tcp/${address}/${port}; ${request}'`);
  }

  /** Runs a shell command on a host over ssh, as root or another user; gives its output. */
  async ssh(host: LabHost, command: string, user = "root"): Promise<string> {
    const options = [
      "BatchMode=yes",
      `UserKnownHostsFile=${this.knownHostsPath}`,
      "LogLevel=ERROR",
    ];
    const flags = options.flatMap((option) => ["-o", option]);
    return run(
      "ssh",
      "-F",
      "none",
      "-i",
      this.privateKeyPath,
      ...flags,
      `${user}@${host.address}`,
      command,
    );
  }

  /** Powers every host off and removes all that the lab made. */
  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.destroy()));
    await attempt("ip", "link", "del", this.bridge);
    await attempt("rm", "-rf", "--one-file-system", this.folder);
  }

  private async build(count: number, base: string, options: LabOptions): Promise<void> {
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", this.privateKeyPath);
    const authorizedKey = readFileSync(`${this.privateKeyPath}.pub`, "utf8").trim();
    await run("ip", "link", "add", this.bridge, "type", "bridge");
    await run("ip", "address", "add", `${this.subnet}.1/24`, "dev", this.bridge);
    await run("ip", "link", "set", this.bridge, "up");
    for (let index = 1; index <= count; index++) {
      const name = `h${index}`;
      this.hosts.push(
        new LabHost({
          name,
          address: `${this.subnet}.${10 + index}`,
          gateway: `${this.subnet}.1`,
          bridge: this.bridge,
          folder: join(this.folder, name),
          base,
          authorizedKey,
          ...options,
        }),
      );
    }
    // All are waited for: a host that is still being made could not be removed.
    const made = await Promise.allSettled(this.hosts.map((host) => host.create()));
    const failed = made.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const lines = this.hosts.map((host) => `${host.address} ${host.publicKey()}\n`);
    writeFileSync(this.knownHostsPath, lines.join(""));
  }
}

/** Takes the first free index; the folder is the claim, its owner file says who holds it. */
function claim(): number {
  for (let index = 0; index < 200; index++) {
    try {
      mkdirSync(join(TOP, String(index)));
      writeFileSync(join(TOP, String(index), "owner"), String(process.pid));
      return index;
    } catch {
      // Taken by another run.
    }
  }
  throw new Error(`no free lab index below ${TOP}`);
}

/** Removes labs whose owner is gone. */
async function sweep(): Promise<void> {
  for (const index of readdirSync(TOP)) {
    const folder = join(TOP, index);
    const owner = existsSync(join(folder, "owner"))
      ? readFileSync(join(folder, "owner"), "utf8")
      : "";
    if (owner === "" || existsSync(`/proc/${owner}`)) continue;
    for (const name of readdirSync(folder)) {
      const pid = join(folder, name, "pid");
      if (existsSync(pid)) await stopMachine(Number(readFileSync(pid, "utf8")), join(folder, name));
      // What the machine runs does not end with the program that started it.
      if (name.startsWith("h")) await dropCgroups(`fllab${index}-${name}`);
      await attempt("umount", "-l", join(folder, name, "root"));
      await attempt("umount", "-l", join(folder, name, "var-lib"));
      await attempt("ip", "netns", "del", `fllab${index}-${name}`);
    }
    await attempt("ip", "link", "del", `fllab${index}`);
    await attempt("rm", "-rf", "--one-file-system", folder);
  }
}

/** Ends a leftover machine, if the process of that number is still the one of that folder. */
async function stopMachine(pid: number, folder: string): Promise<void> {
  const command = existsSync(`/proc/${pid}/cmdline`)
    ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
    : "";
  if (command.includes(folder)) process.kill(pid, "SIGKILL");
}
