// OCI bundles for the tests of the native runtime: a root file system made of busybox, a
// configuration to begin with, and the calls of the built binary.
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");

/** Why the tests of the runtime cannot run here, or undefined. */
export const missing =
  process.getuid?.() !== 0
    ? "root is needed"
    : !existsSync(binary)
      ? "agent/native is not built"
      : !existsSync("/bin/busybox")
        ? "busybox-static is not installed"
        : undefined;

export interface Outcome {
  status: number | null;
  out: string;
  err: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests bend configurations in every way, also wrongly.
export type Config = any;

const CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"];

export function plainConfig(id: string): Config {
  return {
    ociVersion: "1.2.0",
    process: {
      user: { uid: 0, gid: 0 },
      args: ["true"],
      env: ["PATH=/usr/bin:/bin"],
      cwd: "/",
      capabilities: {
        bounding: CAPABILITIES,
        effective: CAPABILITIES,
        permitted: CAPABILITIES,
      },
    },
    root: { path: "rootfs" },
    hostname: "inside",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
      },
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
      },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro", "nosuid"] },
    ],
    linux: {
      cgroupsPath: `/fairlead-test-${process.pid}/${id}`,
      namespaces: ["pid", "network", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type })),
      maskedPaths: ["/proc/keys", "/proc/acpi", "/sys/firmware", "/proc/timer_list"],
      readonlyPaths: ["/proc/sys", "/proc/irq"],
    },
  };
}

/** A folder with a run directory and any number of bundles; `close` removes all of it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
  private readonly program: string[];
  private serial = 0;

  /** `lacking`: numbers of system calls that the kernel shall seem not to have. */
  constructor(lacking: number[] = []) {
    const older = ["/usr/bin/python3", join(import.meta.dirname, "older-kernel.py")];
    this.program = [
      ...(lacking.length > 0 ? [...older, ...lacking.map(String), "--"] : []),
      binary,
    ];
  }

  /** Makes a bundle whose configuration `edit` may change; returns its id and its folder. */
  bundle(edit: (config: Config, root: string) => void = () => {}): { id: string; folder: string } {
    const id = `c${this.serial++}`;
    const folder = join(this.folder, id);
    const root = join(folder, "rootfs");
    for (const name of ["bin", "tmp", "etc"]) mkdirSync(join(root, name), { recursive: true });
    cpSync("/bin/busybox", join(root, "bin/busybox"));
    for (const applet of execFileSync("/bin/busybox", ["--list"]).toString().trim().split("\n")) {
      if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
    }
    const config = plainConfig(id);
    edit(config, root);
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    return { id, folder };
  }

  /** Calls the binary with the bench's own run directory. */
  call(args: string[], input = "", timeoutMs = 20_000): Outcome {
    const done = this.spawn(args, {
      input,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    return { status: done.status, out: done.stdout, err: done.stderr };
  }

  private spawn(args: string[], options: object) {
    const [program = binary, ...own] = this.program;
    const all = [...own, "--root", join(this.folder, "run"), ...args];
    return spawnSync(program, all, { encoding: "utf8", ...options });
  }

  /** Creates a container; without pipes for stdio, which it would keep open. */
  create(folder: string, id: string): Outcome {
    const args = ["create", "--bundle", folder, "--pid-file", join(folder, "pid"), id];
    const log = join(folder, "stderr");
    const stderr = openSync(log, "w");
    const done = this.spawn(args, {
      stdio: ["ignore", "ignore", stderr],
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    closeSync(stderr);
    return { status: done.status, out: "", err: readFileSync(log, "utf8") };
  }

  /** Runs a shell line in a fresh container. */
  sh(line: string, edit: (config: Config, root: string) => void = () => {}): Outcome {
    const { id, folder } = this.bundle((config, root) => {
      config.process.args = ["sh", "-c", line];
      edit(config, root);
    });
    const outcome = this.call(["run", "--bundle", folder, id]);
    if (outcome.status === null) this.call(["delete", "--force", id]);
    return outcome;
  }

  /** Creates and starts a container that sleeps; returns its id. */
  sleeper(edit: (config: Config, root: string) => void = () => {}): string {
    const { id, folder } = this.bundle((config, root) => {
      config.process.args = ["sleep", "1000"];
      edit(config, root);
    });
    for (const step of [this.create(folder, id), this.call(["start", id])])
      if (step.status !== 0) throw new Error(step.err);
    return id;
  }

  state(id: string): { status: string; pid: number } {
    return JSON.parse(this.call(["state", id]).out);
  }

  close(): void {
    for (const id of this.call(["list", "-q"]).out.split("\n").filter(Boolean))
      this.call(["delete", "--force", id]);
    for (const hierarchy of hierarchies()) {
      const parent = join(hierarchy, `fairlead-test-${process.pid}`);
      if (existsSync(parent)) rmdirSync(parent);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The directories below which cgroups live on this host. */
export function hierarchies(): string[] {
  const base = "/sys/fs/cgroup";
  if (existsSync(join(base, "cgroup.controllers"))) return [base];
  return readdirSync(base, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(base, entry.name));
}

/** Where the file of a container's cgroup is, in whichever hierarchy has it. */
export function cgroupFile(id: string, ...names: string[]): string | undefined {
  for (const hierarchy of hierarchies())
    for (const name of names) {
      const path = join(hierarchy, `fairlead-test-${process.pid}`, id, name);
      if (existsSync(path)) return path;
    }
  return undefined;
}

/** Waits until something is so; fails after a time. */
export async function until(what: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!what()) {
    if (Date.now() > end) throw new Error("it did not happen in time");
    await new Promise((done) => setTimeout(done, 10));
  }
}
