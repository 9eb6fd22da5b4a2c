// Container engines that call a runtime by its command line, each driven the same way.
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dockerd, whyNoDockerd } from "../lab/dockerd.ts";
import { Lab, type LabHost, whyNoLab } from "../lab/lab.ts";
import { attempt, eventually, run } from "../lab/shell.ts";

/** An engine with a root file system of busybox at hand; what it prints is what it returns. */
export interface Caller {
  /** Whether containers have cgroups: those of an ordinary user on cgroup v1 have none. */
  readonly groups: boolean;
  start(rootfs: string): Promise<void>;
  /** Runs a command in a fresh container, to its end. */
  once(...command: string[]): Promise<string>;
  /** Starts a container that sleeps. */
  sleeper(name: string): Promise<void>;
  exec(name: string, ...command: string[]): Promise<string>;
  status(name: string): Promise<string>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Absent where the engine's command has no such word. */
  limitMemory?(name: string, bytes: number): Promise<void>;
  stop(name: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** What is left of containers that are gone, where it can be told. */
  remains?(): Promise<string>;
  close(): Promise<void>;
}

const needs = (...programs: string[]) => {
  if (process.getuid?.() !== 0) return "root is needed";
  const absent = programs.filter(
    (name) => !["/usr/bin", "/usr/sbin"].some((folder) => existsSync(join(folder, name))),
  );
  return absent.length > 0 ? `${absent.join(", ")} not installed` : undefined;
};

export const CALLERS: { name: string; missing: string | undefined; make: MakeCaller }[] = [
  { name: "podman", missing: needs("podman", "conmon"), make: (binary) => new Podman(binary) },
  {
    name: "podman with units of systemd",
    missing: whyNoLab(),
    make: (binary) => new PodmanOnHost(binary, "root"),
  },
  {
    name: "podman of an ordinary user",
    missing: whyNoLab(),
    make: (binary) => new PodmanOnHost(binary, "deploy"),
  },
  { name: "containerd", missing: needs("containerd", "ctr"), make: (binary) => new Ctr(binary) },
  { name: "dockerd", missing: whyNoDockerd(), make: (binary) => new Docker(binary) },
];
type MakeCaller = (binary: string) => Caller;

// Podman asks for more open files than a machine without CAP_SYS_RESOURCE may give.
const LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];
const IMAGE = "callers/busybox:1";

/** What podman and docker have in common: the words of their commands. */
abstract class Docklike implements Caller {
  readonly groups: boolean = true;
  protected readonly options: string[] = [];

  abstract call(...args: string[]): Promise<string>;
  abstract start(rootfs: string): Promise<void>;
  abstract close(): Promise<void>;

  once(...command: string[]) {
    return this.call("run", "--rm", "--network=none", ...this.options, IMAGE, ...command);
  }
  async sleeper(name: string) {
    const options = ["--detach", "--network=none", "--init=false", ...this.options];
    await this.call("run", ...options, `--name=${name}`, IMAGE, "sleep", "1000");
  }
  exec(name: string, ...command: string[]) {
    return this.call("exec", name, ...command);
  }
  async status(name: string) {
    return (await this.call("inspect", "--format={{.State.Status}}", name)).trim();
  }
  async pause(name: string) {
    await this.call("pause", name);
  }
  async resume(name: string) {
    await this.call("unpause", name);
  }
  async stop(name: string) {
    await this.call("stop", "--time=1", name);
  }
  async remove(name: string) {
    await this.call("rm", name);
  }
}

abstract class AnyPodman extends Docklike {
  protected override readonly options = LIMITS;

  async limitMemory(name: string, bytes: number) {
    await this.call("container", "update", `--memory=${bytes}`, name);
  }
}

class Podman extends AnyPodman {
  readonly folder = mkdtempSync(join(tmpdir(), "flp-"));
  private readonly binary: string;

  constructor(binary: string) {
    super();
    this.binary = binary;
  }
  call(...args: string[]) {
    const place = ["root", "runroot", "tmpdir"].map((name) => `--${name}=${this.folder}/${name}`);
    const drivers = ["--cgroup-manager=cgroupfs", "--storage-driver=vfs", "--events-backend=file"];
    return run("podman", ...place, ...drivers, `--runtime=${this.binary}`, ...args);
  }
  async start(rootfs: string) {
    const archive = join(this.folder, "rootfs.tar");
    await run("tar", "-C", rootfs, "-cf", archive, ".");
    await this.call("import", archive, IMAGE);
  }
  async close() {
    await this.call("rm", "--all", "--force").catch(() => "");
    await attempt("umount", "-l", join(this.folder, "root/vfs"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** On a booted host, with everything as podman has it there: root's groups are systemd's units. */
class PodmanOnHost extends AnyPodman {
  override readonly groups: boolean;
  private readonly binary: string;
  private readonly user: string;
  private lab!: Lab;
  private host!: LabHost;

  constructor(binary: string, user: "root" | "deploy") {
    super();
    this.binary = binary;
    this.user = user;
    this.groups = user === "root";
  }
  call(...args: string[]) {
    const words = [
      ...["podman", `--cgroup-manager=${this.groups ? "systemd" : "cgroupfs"}`],
      ...["--events-backend=file", "--runtime=/usr/local/bin/fairlead-runtime"],
      ...args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`),
    ];
    const home = "export XDG_RUNTIME_DIR=/run/user/$(id -u);";
    return this.lab.ssh(this.host, `${this.groups ? "" : home} ${words.join(" ")}`, this.user);
  }
  async start(rootfs: string) {
    this.lab = await Lab.open(1, { rootless: true, packages: ["podman"] });
    this.host = this.lab.host("h1");
    cpSync(this.binary, join(this.host.root, "usr/local/bin/fairlead-runtime"));
    // It has looked for controllers while nspawn's view of them was read-only.
    await this.lab.ssh(this.host, "systemctl daemon-reexec; loginctl enable-linger deploy");
    const archive = "/var/lib/rootfs.tar";
    await run("tar", "-C", rootfs, "-cf", this.host.outside(archive), ".");
    await this.call("import", archive, IMAGE);
  }
  async remains() {
    const units = "systemctl list-units --all --plain --no-legend 'libpod-*'";
    return this.lab.ssh(this.host, `${units}; find /sys/fs/cgroup -name '*libpod*'`);
  }
  async close() {
    await this.lab?.close();
  }
}

class Docker extends Docklike {
  private readonly daemon = new Dockerd();
  protected override readonly options = ["--runtime=fairlead"];

  private readonly binary: string;

  constructor(binary: string) {
    super();
    this.binary = binary;
  }
  call(...args: string[]) {
    return this.daemon.docker(...args);
  }
  async start(rootfs: string) {
    await this.daemon.start(`--add-runtime=fairlead=${this.binary}`);
    const archive = join(this.daemon.folder, "rootfs.tar");
    await run("tar", "-C", rootfs, "-cf", archive, ".");
    await this.call("import", archive, IMAGE);
  }
  async limitMemory(name: string, bytes: number) {
    await this.call("update", `--memory=${bytes}`, `--memory-swap=${bytes}`, name);
  }
  close() {
    return this.daemon.stop();
  }
}

class Ctr implements Caller {
  readonly groups = true;
  readonly folder = mkdtempSync(join(tmpdir(), "flc-"));
  private daemon: ChildProcess | undefined;
  private rootfs = "";
  private serial = 0;

  private readonly binary: string;

  constructor(binary: string) {
    this.binary = binary;
  }

  private ctr(...args: string[]) {
    return run("ctr", `--address=${this.folder}/c.sock`, ...args);
  }
  private run(options: string[], name: string, ...command: string[]) {
    const runtime = [`--runc-binary=${this.binary}`, `--runc-root=${this.folder}/runc`];
    return this.ctr("run", ...options, ...runtime, "--rootfs", this.rootfs, name, ...command);
  }
  async start(rootfs: string) {
    this.rootfs = rootfs;
    mkdirSync(join(this.folder, "root"));
    const lines = [
      "version = 2",
      `root = "${this.folder}/root"`,
      `state = "${this.folder}/state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]',
      `[grpc]\naddress = "${this.folder}/c.sock"`,
      `[ttrpc]\naddress = "${this.folder}/t.sock"`,
    ];
    writeFileSync(join(this.folder, "config.toml"), lines.join("\n"));
    const log = openSync(join(this.folder, "log"), "w");
    this.daemon = spawn("containerd", ["--config", join(this.folder, "config.toml")], {
      stdio: ["ignore", log, log],
    });
    const ready = async () => (await this.ctr("version").catch(() => "")).includes("Server");
    await eventually("containerd answers", 60_000, ready);
  }
  once(...command: string[]) {
    return this.run(["--rm"], `once${this.serial++}`, ...command);
  }
  async sleeper(name: string) {
    await this.run(["--detach"], name, "sleep", "1000");
  }
  exec(name: string, ...command: string[]) {
    return this.ctr("task", "exec", "--exec-id", `e${this.serial++}`, name, ...command);
  }
  async status(name: string) {
    const line = (await this.ctr("task", "ls")).split("\n").find((one) => one.startsWith(name));
    return line?.split(/\s+/)[2]?.toLowerCase() ?? "";
  }
  async pause(name: string) {
    await this.ctr("task", "pause", name);
  }
  async resume(name: string) {
    await this.ctr("task", "resume", name);
  }
  async stop(name: string) {
    await this.ctr("task", "kill", "--signal=KILL", name);
    await eventually("it stops", 10_000, async () => (await this.status(name)) === "stopped");
  }
  async remove(name: string) {
    await this.ctr("task", "rm", name);
    await this.ctr("container", "rm", name);
  }
  async close() {
    const ids = (await this.ctr("container", "ls", "-q").catch(() => "")).split("\n");
    for (const id of ids.filter(Boolean)) {
      await this.ctr("task", "rm", "--force", id).catch(() => "");
      await this.ctr("container", "rm", id).catch(() => "");
    }
    const ended = new Promise((resolve) => this.daemon?.once("exit", resolve));
    if (this.daemon?.kill("SIGTERM")) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
