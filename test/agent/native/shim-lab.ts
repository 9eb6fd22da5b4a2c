// Bundles, shims and their clean-up for the suites that run the real binary with busybox.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { launchShim, ShimClient } from "../../../agent/runtime/shim.ts";
import type { ShimEvent, ShimSettings } from "../../../agent/runtime/shim-protocol.ts";
import type { ShimState } from "../../../agent/runtime/shim-state.ts";

export const BINARY = resolve("agent/native/build/fairlead-runtime");

/** Why the suites cannot run here; undefined when they can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "containers need root";
  return undefined;
}

export interface Wish {
  /** A shell script, or the arguments themselves. */
  run: string | string[];
  settings?: Partial<ShimSettings>;
  resources?: object;
  /** Path of a network namespace; a new one without it. */
  netns?: string;
  process?: object;
  /** Further mounts. */
  mounts?: object[];
  namespaces?: string[];
}

/** One container of a lab: its files, its client, and what it wrote. */
export interface Specimen {
  id: string;
  bundle: string;
  client: ShimClient;
  logPath: string;
  /** The shims that were launched here. */
  pids: number[];
  launch(binary?: string): Promise<{ pid: number; shimPid: number }>;
  /** Launches and starts. */
  begin(binary?: string): Promise<{ pid: number; shimPid: number }>;
  /** state.json as it is on disk. */
  saved(): ShimState;
  log(): { log: string; stream: string; time: string }[];
  /** Waits for the final exit, seen on disk. */
  ended(): Promise<ShimState>;
  rewrite(settings: { [K in keyof ShimSettings]?: ShimSettings[K] | undefined }): void;
}

export interface ShimLab {
  folder: string;
  specimen(wish: Wish): Specimen;
  clean(): Promise<void>;
}

export function makeShimLab(): ShimLab {
  const folder = mkdtempSync(join(tmpdir(), "fshim-"));
  const parent = `/fshim-${randomBytes(4).toString("hex")}`;
  makeRoot(join(folder, "root"));
  const specimens: Specimen[] = [];
  return {
    folder,
    specimen(wish) {
      const made = makeSpecimen(folder, parent, wish);
      specimens.push(made);
      return made;
    },
    async clean() {
      await Promise.all(specimens.map(endSpecimen));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Polls until `probe` gives something; fails with `what` after timeoutMs. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(20);
  }
}

/** Everything a stream gives until its end. */
export async function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Splits Docker's frames into what came on stdout and on stderr. */
export function unframe(bytes: Buffer): { stdout: string; stderr: string } {
  const text = ["", "", ""];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readUInt32BE(at + 4);
    text[bytes[at]!] += bytes.subarray(at + 8, at + 8 + length).toString();
    at += 8 + length;
  }
  return { stdout: text[1]!, stderr: text[2]! };
}

/** Collects events in the background; the promise of `done` settles when the shim has ended. */
export function watchEvents(client: ShimClient): { events: ShimEvent[]; done: Promise<void> } {
  const events: ShimEvent[] = [];
  return { events, done: client.watch((event) => events.push(event)) };
}

export function processObject(run: string | string[], more: object = {}): object {
  return {
    user: { uid: 0, gid: 0 },
    args: typeof run === "string" ? ["/bin/sh", "-c", run] : run,
    env: ["PATH=/bin", "HOME=/"],
    cwd: "/",
    capabilities: Object.fromEntries(
      ["bounding", "effective", "permitted"].map((set) => [set, ["CAP_KILL", "CAP_CHOWN"]]),
    ),
    ...more,
  };
}

function makeRoot(root: string): void {
  for (const name of ["bin", "proc", "dev", "sys", "tmp", "etc"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  execFileSync("chroot", [root, "/bin/busybox", "--install", "-s", "/bin"]);
  writeFileSync(join(root, "bin/text"), "words, no program\n", { mode: 0o755 });
  writeFileSync(join(root, "etc/resolv.conf"), "nameserver 127.0.0.11\noptions timeout:3\n");
}

function makeSpecimen(folder: string, parent: string, wish: Wish): Specimen {
  const id = randomBytes(32).toString("hex");
  const bundle = join(folder, id.slice(0, 8));
  mkdirSync(bundle);
  const logPath = join(bundle, "log.json");
  const config = configuration(join(folder, "root"), `${parent}/${id.slice(0, 12)}`, wish);
  writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
  let settings: object = { ...defaultSettings(id, logPath), ...wish.settings };
  const rewrite: Specimen["rewrite"] = (change) => {
    settings = { ...settings, ...change };
    writeFileSync(join(bundle, "shim.json"), JSON.stringify(settings));
  };
  rewrite({});
  const client = new ShimClient(join(folder, `${id.slice(0, 8)}.sock`));
  const pids: number[] = [];
  const launch = async (binary = BINARY) => {
    const launched = await launchShim({ binary, bundle, socket: client.socket });
    pids.push(launched.shimPid);
    return launched;
  };
  const saved = () => JSON.parse(readFileSync(join(bundle, "state.json"), "utf8")) as ShimState;
  return {
    id,
    bundle,
    client,
    logPath,
    pids,
    launch,
    saved,
    rewrite,
    async begin(binary) {
      const launched = await launch(binary);
      await client.start();
      return launched;
    },
    log: () =>
      readFileSync(logPath, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    ended: () =>
      eventually("the container's exit", () => {
        const state = saved();
        return state.status === "exited" && state;
      }),
  };
}

function defaultSettings(id: string, logPath: string): ShimSettings {
  return {
    id,
    tty: false,
    openStdin: false,
    stdinOnce: false,
    autoStart: false,
    log: { driver: "json-file", path: logPath, maxSizeBytes: 0, maxFiles: 1 },
    restart: { policy: "no", maxRetries: 0 },
    stopSignal: 15,
    stopTimeoutMs: 10_000,
  };
}

function configuration(root: string, cgroupsPath: string, wish: Wish): object {
  const namespaces = (wish.namespaces ?? ["pid", "mount", "ipc", "uts"]).map((type) => ({ type }));
  const network = { type: "network", ...(wish.netns ? { path: wish.netns } : {}) };
  return {
    ociVersion: "1.1.0",
    root: { path: root, readonly: true },
    hostname: "specimen",
    process: processObject(wish.run, wish.process),
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "nodev"] },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["mode=1777"] },
      ...(wish.mounts ?? []),
    ],
    linux: { namespaces: [...namespaces, network], cgroupsPath, resources: wish.resources ?? {} },
  };
}

/** By its socket, else by SIGTERM, so that nothing is left of a test that failed half-way. */
async function endSpecimen({ client, pids }: Specimen): Promise<void> {
  try {
    await client.stop(9, 0);
  } catch {
    // Most have ended by themselves.
    for (const pid of pids.filter(alive)) process.kill(pid, "SIGTERM");
  }
  await eventually("the shim's end", () => !pids.some(alive), 15_000);
}

/** Whether a process runs; a zombie does not. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
