// One lab host: a booted Debian (systemd, sshd) in its own namespaces and cgroups, on its own disk.
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { dropCgroups, makeCgroups } from "./cgroup.ts";
import { attempt, eventually, run } from "./shell.ts";

export interface HostPlan {
  name: string;
  address: string;
  bridge: string;
  gateway: string;
  /** Folder of this host alone. */
  folder: string;
  base: string;
  /** Public key that root and deploy accept. */
  authorizedKey: string;
  /** Size of the disk below /var/lib; no limit by default. */
  diskMiB?: number;
  /** Whether ordinary users may make namespaces with networks there, as on a real host. */
  rootless?: boolean;
}

export class LabHost {
  readonly name: string;
  readonly address: string;
  private readonly plan: HostPlan;
  private machine: ChildProcess | undefined;

  constructor(plan: HostPlan) {
    this.plan = plan;
    this.name = plan.name;
    this.address = plan.address;
  }

  /** The root file system, as the machine outside sees it. */
  get root(): string {
    return join(this.plan.folder, "root");
  }

  /** Where a file of the machine is, seen from outside. */
  outside(path: string): string {
    if (path.startsWith("/var/lib/")) return join(this.plan.folder, "var-lib", path.slice(9));
    return join(this.root, path);
  }

  /** Makes the disk and the root file system, then boots. */
  async create(): Promise<void> {
    const { folder, base } = this.plan;
    for (const part of ["root", "upper", "work", "var-lib"]) {
      mkdirSync(join(folder, part), { recursive: true });
    }
    await this.makeDisk();
    cpSync(join(base, "var/lib"), join(folder, "var-lib"), { recursive: true });
    const layers = `lowerdir=${base},upperdir=${folder}/upper,workdir=${folder}/work`;
    await run("mount", "-t", "overlay", "overlay", "-o", layers, this.root);
    await this.writeIdentity();
    await this.boot();
  }

  /** Starts the machine on its disk; answers when sshd does. */
  async boot(): Promise<void> {
    const { name, folder } = this.plan;
    await this.makeNetwork();
    const log = openSync(join(folder, "console.log"), "a");
    // nspawn starts inside the host's own cgroups, so that its cgroup namespace begins there.
    const script = 'for d in "$@"; do [ "$d" = -- ] && break; echo $$ > "$d/cgroup.procs"; done;';
    // A run that was killed may have left a machine of this name, which would share them.
    await dropCgroups(this.netns);
    const folders = makeCgroups(this.netns);
    this.machine = spawn(
      "sh",
      [
        "-c",
        `${script} while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
        "sh",
        ...folders,
        "--",
        "systemd-nspawn",
        "--directory",
        this.root,
        "--boot",
        "--register=no",
        "--keep-unit",
        "--kill-signal=SIGRTMIN+3",
        `--network-namespace-path=/run/netns/${this.netns}`,
        "--capability=all",
        "--system-call-filter=@mount @keyring bpf",
        `--bind=${join(folder, "var-lib")}:/var/lib`,
        "--machine",
        name,
      ],
      { stdio: ["ignore", log, log], detached: true },
    );
    this.machine.unref();
    writeFileSync(join(folder, "pid"), String(this.machine.pid));
    await eventually(`sshd of ${name} answers`, 60_000, () => answers(this.address, 22));
  }

  /** Runs a program in the machine's namespaces, as a person at its console would. */
  async inside(...command: string[]): Promise<string> {
    return run(
      "nsenter",
      "-t",
      String(await this.leader()),
      "-m",
      "-u",
      "-i",
      "-n",
      "-p",
      "-C",
      ...command,
    );
  }

  /** Pulls the plug: every process dies at once, kernel state goes, the disk stays. */
  async powerOff(): Promise<void> {
    const leader = await this.leader().catch(() => 0);
    if (leader > 0) process.kill(leader, "SIGKILL");
    const pid = this.machine?.pid;
    if (pid !== undefined) {
      await eventually(
        `${this.name} is off`,
        20_000,
        () => !existsSync(`/proc/${pid}/exe`) || zombie(pid),
      );
    }
    this.machine = undefined;
    await this.dropNetwork();
    await dropCgroups(this.netns);
  }

  /** A power cycle. */
  async reboot(): Promise<void> {
    await this.powerOff();
    await this.boot();
  }

  /** Removes everything that create and boot made. */
  async destroy(): Promise<void> {
    await this.powerOff();
    await attempt("umount", "-l", this.root);
    await attempt("umount", "-l", join(this.plan.folder, "var-lib"));
    await attempt("rm", "-rf", "--one-file-system", this.plan.folder);
  }

  /** Cuts or restores the cable. */
  async link(state: "up" | "down"): Promise<void> {
    await run("ip", "link", "set", this.cable, state);
    if (state === "down") return;
    // The kernel tells the bridge of a carrier up to a second later.
    const { name, address } = this;
    await eventually(`${name} is reached again`, 10_000, () => answers(address, 22));
  }

  private get netns(): string {
    return `${this.plan.bridge}-${this.name}`;
  }

  private get cable(): string {
    return `${this.plan.bridge}v${this.plan.address.split(".")[3]}`;
  }

  private async makeDisk(): Promise<void> {
    const { folder, diskMiB } = this.plan;
    if (diskMiB === undefined) return;
    const image = join(folder, "disk.img");
    await run("truncate", "-s", `${diskMiB}M`, image);
    await run("mkfs.ext4", "-q", "-F", image);
    await run("mount", "-o", "loop", image, join(folder, "var-lib"));
  }

  private async writeIdentity(): Promise<void> {
    this.addBootScript(this.plan.rootless ? `${WRITABLE}\n${PLAIN}` : WRITABLE);
    writeFileSync(join(this.root, "etc/hostname"), `${this.name}\n`);
    writeFileSync(join(this.root, "etc/resolv.conf"), "");
    // Without its own name in hosts(5), sudo waits for a DNS server that is not there.
    writeFileSync(join(this.root, "etc/hosts"), `127.0.0.1 localhost\n127.0.1.1 ${this.name}\n`);
    for (const type of ["ed25519", "ecdsa"]) {
      await run("ssh-keygen", "-q", "-t", type, "-N", "", "-f", this.hostKeyPath(type));
    }
    for (const home of ["root", "home/deploy"]) {
      const folder = join(this.root, home, ".ssh");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, "authorized_keys"), `${this.plan.authorizedKey}\n`, {
        mode: 0o600,
      });
    }
    await run("chroot", this.root, "chown", "-R", "deploy:deploy", "/home/deploy");
  }

  // At every boot, before anything that an agent of root or of a user could need is started.
  private addBootScript(script: string): void {
    const folder = join(this.root, "etc/systemd/system");
    const wants = join(folder, "sysinit.target.wants");
    const text =
      "[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\n" +
      "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh /etc/lab-boot\n";
    writeFileSync(join(this.root, "etc/lab-boot"), `${script}\n`);
    writeFileSync(join(folder, "lab-boot.service"), text);
    mkdirSync(wants, { recursive: true });
    symlinkSync("../lab-boot.service", join(wants, "lab-boot.service"));
  }

  /** The host's public key of a type, as in known_hosts after the host name. */
  publicKey(type: "ed25519" | "ecdsa" = "ed25519"): string {
    const text = readFileSync(`${this.hostKeyPath(type)}.pub`, "utf8");
    return text.split(" ").slice(0, 2).join(" ");
  }

  private hostKeyPath(type: string): string {
    return join(this.root, `etc/ssh/ssh_host_${type}_key`);
  }

  private async makeNetwork(): Promise<void> {
    const { address, bridge, gateway } = this.plan;
    const far = `${this.cable}p`;
    // The name is ours alone: what has it was left by a run that was killed.
    await this.dropNetwork();
    await run("ip", "netns", "add", this.netns);
    await run("ip", "link", "add", this.cable, "type", "veth", "peer", "name", far);
    await run("ip", "link", "set", this.cable, "master", bridge, "up");
    await run("ip", "link", "set", far, "netns", this.netns, "name", "host0");
    const within = ["-n", this.netns];
    await run("ip", ...within, "address", "add", `${address}/24`, "dev", "host0");
    await run("ip", ...within, "link", "set", "host0", "up");
    await run("ip", ...within, "link", "set", "lo", "up");
    await run("ip", ...within, "route", "add", "default", "via", gateway);
  }

  private async dropNetwork(): Promise<void> {
    await attempt("ip", "link", "del", this.cable);
    await attempt("ip", "netns", "del", this.netns);
  }

  private async leader(): Promise<number> {
    const pid = this.machine?.pid;
    if (pid === undefined) throw new Error(`${this.name} is off`);
    const children = await run("ps", "-o", "pid=", "--ppid", String(pid));
    const first = children.trim().split(/\s+/)[0];
    if (!first) throw new Error(`${this.name} has no init`);
    return Number(first);
  }
}

// nspawn mounts the controllers and sysctls read-only; a real host has them writable.
const WRITABLE =
  "mount -o remount,bind,rw /proc/sys; " +
  "awk '$3 ~ /^cgroup/ || $2 == \"/sys/fs/cgroup\" {print $2}' /proc/mounts |" +
  ' while read -r m; do mount -o remount,bind,rw "$m"; done';

// A user namespace may mount procfs and sysfs only where a whole one is to be seen already
// (mount_too_revealing in fs/namespace.c), and nspawn covers parts of both; tun(4) is root's there.
const PLAIN =
  "mkdir -p /run/whole/proc /run/whole/sys /dev/net; mount -t proc proc /run/whole/proc; " +
  "mount -t sysfs sysfs /run/whole/sys; [ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200; " +
  "chmod 666 /dev/net/tun";

function zombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
