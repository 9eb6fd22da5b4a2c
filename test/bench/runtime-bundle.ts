// What the runtimes are timed with: a bundle of busybox as Docker would configure it, the C
// programs beside it, and the view of the cgroups that all of them share.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { defaultSeccomp } from "../../agent/runtime/seccomp.ts";
import { defaultPaths } from "../../agent/runtime/spec.ts";

const CAPABILITIES =
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP " +
  "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE";

/** A root file system of busybox alone. */
export function makeRootfs(folder: string): string {
  const root = join(folder, "rootfs");
  for (const name of ["bin", "dev", "proc", "sys", "tmp"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of ["true", "sleep"]) symlinkSync("busybox", join(root, "bin", applet));
  return root;
}

/** Writes a bundle and returns its folder. */
export function makeBundle(folder: string, args: string[], seccomp: boolean): string {
  mkdirSync(folder, { recursive: true });
  const capabilities = CAPABILITIES.split(" ").map((name) => `CAP_${name}`);
  const paths = defaultPaths(false);
  const [bounding, effective, permitted] = [capabilities, capabilities, capabilities];
  const mount = (destination: string, type: string, ...options: string[]) => ({
    ...{ destination, type, source: type },
    options,
  });
  const config = {
    ociVersion: "1.0.2",
    process: {
      user: { uid: 0, gid: 0 },
      args,
      env: ["PATH=/bin"],
      cwd: "/",
      capabilities: { bounding, effective, permitted },
    },
    root: { path: join(folder, "../rootfs") },
    hostname: "bench",
    mounts: [
      mount("/proc", "proc", "nosuid", "noexec", "nodev"),
      mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
      mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
      mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
      mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
      mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
    ],
    linux: {
      namespaces: ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type })),
      maskedPaths: paths.masked,
      readonlyPaths: paths.readOnly,
      ...(seccomp && {
        seccomp: defaultSeccomp({ capabilities, architecture: "amd64", kernel: release() }),
      }),
    },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

/** Compiles one of the C programs beside this file. */
export function compiled(name: string, folder: string): string {
  const binary = join(folder, name);
  execFileSync("gcc", ["-O2", "-static", "-o", binary, `test/bench/${name}.c`]);
  return binary;
}

/** Where the floor makes its cgroups: every hierarchy that crun can see, too. */
export function cgroupRoots(): string[] {
  const base = "/sys/fs/cgroup";
  if (existsSync(join(base, "cgroup.controllers"))) return [base];
  return readdirSync(base, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "unified")
    .map((entry) => join(base, entry.name));
}

/**
 * A command in a mount namespace of its own, without the version 2 tree of a hybrid host, which
 * crun refuses: so all runtimes do the same work.
 */
export function inSharedView(...command: string[]): string[] {
  const script = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"';
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", ...command];
}
