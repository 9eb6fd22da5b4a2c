// An agent from dist/agent as an ordinary user of this machine, who is made for it. It runs in a
// mount namespace of its own, where programs of the host can be hidden from it.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentNode } from "../../conformance/engines.ts";
import { eventually } from "../../lab/shell.ts";

const PROGRAMS = ["/usr/bin/newuidmap", "/usr/bin/passt", "/usr/bin/slirp4netns", "/sbin/useradd"];

/** Why this machine cannot run such an agent; undefined when it can. */
export function whyNoUser(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed, to make the user";
  if (!existsSync("dist/agent/agent.cjs")) return "dist/agent is not built";
  const missing = PROGRAMS.find((path) => !existsSync(path));
  return missing && `${missing} is missing (scripts/setup.sh test installs it)`;
}

export interface UserAgentOptions {
  /** Files of the host that are not to be seen. */
  hidden?: string[];
  /** A cgroup v2 directory to give to the user. */
  cgroup?: string | undefined;
}

export class UserAgent {
  readonly folder: string;
  readonly user = `flu${process.pid % 100_000}`;
  readonly uid: number;
  #process: ChildProcess | undefined;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "flu-"));
    chmodSync(this.folder, 0o755);
    execFileSync("/sbin/useradd", ["-m", "-d", join(this.folder, "home"), this.user]);
    this.uid = Number(execFileSync("id", ["-u", this.user]));
    cpSync("dist/agent", join(this.folder, "agent"), { recursive: true });
    cpSync(agentNode(), join(this.folder, "node"), { dereference: true });
    for (const name of ["run", "tun"]) mkdirSync(join(this.folder, name));
    chownSync(join(this.folder, "run"), this.uid, this.uid);
  }

  /** The whole log so far. */
  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  async start({ hidden = [], cgroup }: UserAgentOptions = {}): Promise<void> {
    const [tun, run] = [join(this.folder, "tun"), join(this.folder, "run")];
    // Without udev the node of tun(4) is root's alone, unlike on a real host.
    const script = [
      `mount -t tmpfs -o mode=755 tun ${tun} && mknod -m 666 ${tun}/tun c 10 200`,
      `mount --bind ${tun}/tun /dev/net/tun`,
      ...hidden.map((path) => `mount --bind /dev/null ${path}`),
      ...(cgroup ? [`echo $$ >${cgroup}/cgroup.procs`] : []),
      `exec runuser -u ${this.user} -- "$@"`,
    ].join("\n");
    const root = join(this.folder, "home/state");
    const agent = [join(this.folder, "node"), join(this.folder, "agent/agent.cjs")];
    const argv = [...agent, "--root", root, "--run", run, "--instance", "user"];
    const log = openSync(join(this.folder, "log"), "a");
    const unshare = ["-m", "--propagation", "private", "sh", "-ec", script, "sh", ...argv];
    this.#process = spawn("unshare", unshare, { stdio: ["ignore", log, log] });
    await eventually("the agent of the user answers", 60_000, async () => {
      if (this.#process?.exitCode !== null) throw new Error(`the agent ended: ${this.log}`);
      return (await this.docker("version")).code === 0;
    });
  }

  /** Runs the docker command against it; never throws for an exit code. */
  docker(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const all = ["-H", `unix://${this.folder}/run/agent.sock`, ...args];
    return new Promise((done) => {
      const child = execFile("docker", all, { timeout: 60_000 }, (error, out, err) => {
        done({ code: error ? Number(error.code) || 255 : 0, out, err });
      });
      child.stdin?.end();
    });
  }

  /** The same, and its output; throws for an exit code. */
  async ok(...args: string[]): Promise<string> {
    const { code, out, err } = await this.docker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(" ")}: ${err}\n${this.log}`);
    return out;
  }

  /** Loads an image from a folder, with the owners that the files have there. */
  load(rootfs: string, name: string): void {
    const archive = join(this.folder, "image.tar");
    execFileSync("tar", ["-C", rootfs, "-cf", archive, "."]);
    const socket = `unix://${this.folder}/run/agent.sock`;
    execFileSync("docker", ["-H", socket, "import", archive, name], { stdio: "pipe" });
  }

  /** Ends the agent alone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    // runuser stays above it as its parent.
    for (const pid of childrenOf(child.pid!)) process.kill(pid, signal);
    const late = setTimeout(() => this.kill(), 15_000);
    await ended;
    clearTimeout(late);
  }

  /** Ends the agent and everything in its namespaces. */
  async end(): Promise<void> {
    await this.kill("SIGTERM");
    const runtime = join(this.folder, "agent/fairlead-runtime");
    const argv = ["-u", this.user, "--", runtime, "rootless", "end", "--run", `${this.folder}/run`];
    execFileSync("runuser", argv, { stdio: "pipe", timeout: 30_000 });
  }

  /** Every process of the user. */
  processes(): string {
    try {
      return execFileSync("pgrep", ["-u", this.user, "-a"], { encoding: "utf8" });
    } catch {
      return "";
    }
  }

  async remove(): Promise<void> {
    await this.end().catch(() => {});
    execFileSync("/sbin/userdel", ["-f", this.user], { stdio: "pipe" });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}
