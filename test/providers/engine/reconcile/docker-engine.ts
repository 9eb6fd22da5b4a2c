// A real dockerd of this machine as the engine under test, with a client to it and a small root
// file system for images.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpEngine } from "../../../../providers/engine/client/http-engine.ts";
import { identifyEngine } from "../../../../providers/engine/client/identify.ts";
import type { Connect } from "../../../../providers/engine/engine.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { attempt, eventually, run } from "../../../lab/shell.ts";
import { makeRootfs } from "./rootfs.ts";

/** Why dockerd cannot be started here; undefined when it can. */
export function whyNoDockerd(): string | undefined {
  if (process.getuid?.() !== 0) return "dockerd needs root";
  return existsSync("/usr/sbin/dockerd") ? undefined : "dockerd is not installed";
}

export class DockerEngine {
  readonly kind = "docker";
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-reconcile-"));
  readonly rootfs = join(this.folder, "rootfs");
  readonly socket = join(this.folder, "docker.sock");
  #daemon: ChildProcess | undefined;
  #engine: HttpEngine | undefined;

  readonly connect: Connect = async () => this.engine;

  get engine(): HttpEngine {
    if (!this.#engine) throw new Error("dockerd has not been started");
    return this.#engine;
  }

  async start(): Promise<void> {
    makeRootfs(this.rootfs);
    const log = openSync(join(this.folder, "dockerd.log"), "w");
    const place = (option: string, name: string) => `--${option}=${join(this.folder, name)}`;
    // Not `ip netns exec`: it mounts /sys anew, and dockerd then misses the cgroups below it.
    const script = 'ip link set lo up; exec /usr/sbin/dockerd "$@"';
    this.#daemon = spawn(
      "unshare",
      [
        ...["--net", "sh", "-c", script, "dockerd", `--host=unix://${this.socket}`],
        ...[place("data-root", "data"), place("exec-root", "exec"), place("pidfile", "pid")],
      ],
      { stdio: ["ignore", log, log] },
    );
    const ready = async () => (await this.docker("version").catch(() => "")) !== "";
    await eventually("dockerd answers", 60_000, ready);
    const engine = new HttpEngine("here", new LocalTransport(), this.socket);
    await identifyEngine(engine, "docker");
    this.#engine = engine;
  }

  docker(...args: string[]): Promise<string> {
    return run("docker", "-H", `unix://${this.socket}`, ...args);
  }

  async stop(): Promise<void> {
    await this.#engine?.close();
    const ids = (await this.docker("ps", "-aq").catch(() => "")).split("\n").filter(Boolean);
    if (ids.length > 0) await this.docker("rm", "-f", ...ids).catch(() => "");
    const ended = new Promise((resolve) => this.#daemon?.once("exit", resolve));
    if (this.#daemon?.kill("SIGTERM")) await ended;
    await attempt("umount", "-l", join(this.folder, "exec/netns/default"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
