// A whole machine with a kernel of its own, emulated by qemu: for what namespaces on this machine
// cannot show, which are another kernel, its unified cgroup tree, and an older C library.
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseRoot } from "./base.ts";
import { attempt, eventually, run } from "./shell.ts";

const QEMU = "/usr/bin/qemu-system-x86_64";
// The oldest has no package any more that names its last kernel.
const KERNELS: Readonly<Record<string, string>> = {
  bullseye: "linux-image-5.10.0-46-cloud-amd64",
  bookworm: "linux-image-cloud-amd64",
};
const PACKAGES = ["initramfs-tools", "udev", "libpam-systemd", "dbus-user-session", "uidmap"];
const NETWORK = "[Match]\nName=eth0\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n";

/** Why this machine cannot emulate one, or undefined when it can. */
export function whyNoMachine(): string | undefined {
  if (process.getuid?.() !== 0) return "making its disk needs root";
  return existsSync(QEMU) ? undefined : `${QEMU} is missing (scripts/setup.sh vm installs it)`;
}

export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-machine-"));
  readonly suite: string;
  /** Of this machine: where the other's ports 22 and 8080 answer. */
  readonly ports = { ssh: 0, web: 0 };
  #process: ChildProcess | undefined;

  private constructor(suite: string) {
    this.suite = suite;
  }

  /** Boots a release of Debian; minutes the first time, then one. */
  static async open(suite: string): Promise<Machine> {
    const machine = new Machine(suite);
    try {
      await machine.#makeDisk();
      machine.ports.ssh = await freePort();
      machine.ports.web = await freePort();
      const key = readFileSync(join(machine.folder, "host_key.pub"), "utf8");
      const host = `[127.0.0.1]:${machine.ports.ssh}`;
      writeFileSync(machine.knownHostsPath, `${host} ${key.split(" ").slice(0, 2).join(" ")}\n`);
      await machine.boot();
      return machine;
    } catch (error) {
      await machine.close();
      throw error;
    }
  }

  get privateKeyPath(): string {
    return join(this.folder, "id_ed25519");
  }

  get knownHostsPath(): string {
    return join(this.folder, "known_hosts");
  }

  /** Runs a shell command there; gives its output. */
  ssh(command: string, user = "root"): Promise<string> {
    return run("ssh", ...this.#login(), `${user}@127.0.0.1`, command);
  }

  /** Copies a file or a folder there. */
  put(from: string, to: string): Promise<string> {
    return run("scp", "-rpq", ...this.#login(), from, `root@127.0.0.1:${to}`);
  }

  #login(): string[] {
    const options = [
      "BatchMode=yes",
      `UserKnownHostsFile=${this.knownHostsPath}`,
      "LogLevel=ERROR",
      `Port=${this.ports.ssh}`,
    ];
    const words = options.flatMap((option) => ["-o", option]);
    return ["-F", "none", "-i", this.privateKeyPath, ...words];
  }

  async boot(): Promise<void> {
    const log = openSync(join(this.folder, "console.log"), "a");
    const { ssh, web } = this.ports;
    const forward = `hostfwd=tcp:127.0.0.1:${ssh}-:22,hostfwd=tcp:127.0.0.1:${web}-:8080`;
    // setpriv: it ends with a test that is killed.
    this.#process = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", QEMU],
        ...["-accel", "tcg,thread=multi", "-machine", "q35", "-cpu", "max"],
        ...["-smp", "2", "-m", "2048", "-nographic", "-no-reboot"],
        ...["-kernel", join(this.folder, "vmlinuz"), "-initrd", join(this.folder, "initrd")],
        ...["-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet"],
        ...["-drive", `file=${join(this.folder, "disk.img")},if=virtio,format=raw`],
        ...["-netdev", `user,id=n,${forward}`, "-device", "virtio-net-pci,netdev=n"],
        ...["-device", "virtio-rng-pci"],
      ],
      { stdio: ["ignore", log, log] },
    );
    await eventually("its sshd answers", 240_000, () =>
      this.ssh("true").then(
        () => true,
        () => false,
      ),
    );
  }

  /** A power cycle: what was not written to the disk is lost. */
  async reboot(): Promise<void> {
    await this.#powerOff();
    await this.boot();
  }

  async close(): Promise<void> {
    await this.#powerOff();
    await attempt("rm", "-rf", "--one-file-system", this.folder);
  }

  async #powerOff(): Promise<void> {
    const machine = this.#process;
    this.#process = undefined;
    if (machine?.exitCode !== null || machine.signalCode !== null) return;
    const gone = new Promise((done) => machine.once("exit", done));
    machine.kill("SIGKILL");
    await gone;
  }

  async #makeDisk(): Promise<void> {
    const kernel = KERNELS[this.suite];
    if (!kernel) throw new Error(`${this.suite} is not one of ${Object.keys(KERNELS).join(", ")}`);
    const base = await baseRoot([kernel, ...PACKAGES], this.suite);
    const [root, upper, work] = ["root", "upper", "work"].map((name) => join(this.folder, name));
    for (const folder of [root, upper, work]) mkdirSync(folder as string);
    const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
    await run("mount", "-t", "overlay", "overlay", "-o", layers, root as string);
    try {
      await this.#writeIdentity(root as string);
      for (const name of ["vmlinuz", "initrd"]) {
        const [file] = readdirSync(join(root as string, "boot")).filter((one) =>
          one.startsWith(name),
        );
        await run("cp", join(root as string, "boot", file ?? name), join(this.folder, name));
      }
      const disk = join(this.folder, "disk.img");
      await run("mke2fs", "-q", "-t", "ext4", "-d", root as string, disk, "4G");
    } finally {
      await run("umount", root as string);
    }
  }

  async #writeIdentity(root: string): Promise<void> {
    const keygen = ["-q", "-t", "ed25519", "-N", "", "-f"];
    await run("ssh-keygen", ...keygen, this.privateKeyPath);
    await run("ssh-keygen", ...keygen, join(this.folder, "host_key"));
    await run("cp", join(this.folder, "host_key"), join(root, "etc/ssh/ssh_host_ed25519_key"));
    for (const home of ["root", "home/deploy"]) {
      const folder = join(root, home, ".ssh");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await run("cp", `${this.privateKeyPath}.pub`, join(folder, "authorized_keys"));
    }
    await run("chroot", root, "chown", "-R", "deploy:deploy", "/home/deploy");
    writeFileSync(join(root, "etc/hostname"), "vm\n");
    writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n127.0.1.1 vm\n");
    writeFileSync(join(root, "etc/fstab"), "");
    writeFileSync(join(root, "etc/systemd/network/lab.network"), NETWORK);
    await run("systemctl", `--root=${root}`, "enable", "systemd-networkd");
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
