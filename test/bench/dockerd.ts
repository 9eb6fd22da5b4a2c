// Debian's dockerd as the peer of a benchmark: own data, own socket, own network namespace.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, eventually, run } from "../lab/shell.ts";

export class Dockerd {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-dockerd-"));
  private readonly netns = `flbench-${process.pid}`;
  private daemon: ChildProcess | undefined;

  get socket(): string {
    return join(this.folder, "docker.sock");
  }

  get pid(): number {
    return this.daemon?.pid ?? 0;
  }

  async start(): Promise<void> {
    await run("ip", "netns", "add", this.netns);
    await run("ip", "-n", this.netns, "link", "set", "lo", "up");
    const log = openSync(join(this.folder, "dockerd.log"), "w");
    const place = (option: string, name: string) => [option, join(this.folder, name)];
    this.daemon = spawn(
      "ip",
      [
        ...["netns", "exec", this.netns, "/usr/sbin/dockerd"],
        ...place("--data-root", "data"),
        ...place("--exec-root", "exec"),
        ...place("--pidfile", "pid"),
        ...["-H", `unix://${this.socket}`, "--storage-driver", "overlay2"],
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
    const ended = new Promise((resolve) => this.daemon?.once("exit", resolve));
    if (this.daemon?.kill("SIGTERM")) await ended;
    await attempt("umount", "-l", join(this.folder, "exec/netns/default"));
    await attempt("ip", "netns", "del", this.netns);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
