// Debian's dockerd as the reference: own data, own socket, own network namespace.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, eventually, run } from "./shell.ts";

/** Why dockerd cannot be started here; undefined when it can. */
export function whyNoDockerd(): string | undefined {
  if (process.getuid?.() !== 0) return "dockerd needs root";
  return existsSync("/usr/sbin/dockerd") ? undefined : "dockerd is not installed";
}

export class Dockerd {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-dockerd-"));
  readonly socket = join(this.folder, "docker.sock");
  #daemon: ChildProcess | undefined;

  async start(...options: string[]): Promise<void> {
    const log = openSync(join(this.folder, "dockerd.log"), "w");
    const place = (option: string, name: string) => `--${option}=${join(this.folder, name)}`;
    // Not `ip netns exec`: it mounts /sys anew, and dockerd then misses the cgroups below it.
    const script = 'ip link set lo up; exec /usr/sbin/dockerd "$@"';
    this.#daemon = spawn(
      "unshare",
      [
        ...["--net", "sh", "-c", script, "dockerd", `--host=unix://${this.socket}`],
        ...[place("data-root", "data"), place("exec-root", "exec"), place("pidfile", "pid")],
        ...options,
      ],
      { stdio: ["ignore", log, log] },
    );
    const ready = async () => (await this.docker("version").catch(() => "")) !== "";
    await eventually("dockerd answers", 60_000, ready);
  }

  /** Runs the docker command against this daemon. */
  docker(...args: string[]): Promise<string> {
    return run("docker", "-H", `unix://${this.socket}`, ...args);
  }

  /** Ends the daemon and removes all that it made. */
  async stop(): Promise<void> {
    const ids = (await this.docker("ps", "-aq").catch(() => "")).split("\n").filter(Boolean);
    if (ids.length > 0) await this.docker("rm", "-f", ...ids).catch(() => "");
    const ended = new Promise((resolve) => this.#daemon?.once("exit", resolve));
    if (this.#daemon?.kill("SIGTERM")) await ended;
    await attempt("umount", "-l", join(this.folder, "exec/netns/default"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
