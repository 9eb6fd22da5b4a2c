// The native runtime beside crun and runc, and its agent beside dockerd, all in one run: run and
// exec of `true`, with and without Docker's seccomp profile, the API, and resident memory.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Dockerd } from "../lab/dockerd.ts";
import { run } from "../lab/shell.ts";
import { Agent, makeArchive } from "./agent.ts";
import { median, report, residentKiB, times } from "./measure.ts";
import { cgroupRoots, compiled, inSharedView, makeBundle, makeRootfs } from "./runtime-bundle.ts";

const ROUNDS = 200;
const WARM_UP = 5;
const CONTAINERS = 20;
const SETTLE_MS = 15_000; // for both: what they keep at rest counts
const IMAGE = "bench/busybox:1";

const RUNTIMES = [
  ["fairlead-runtime", resolve("agent/native/build/fairlead-runtime")],
  ["crun", "/usr/bin/crun"],
  ["runc", "/usr/sbin/runc"],
] as const;

/** Prints every ratio with its aim; `rounds` is the number of runs that a median is made of. */
export async function bench({ rounds = ROUNDS }: { rounds?: number } = {}): Promise<void> {
  const missing = RUNTIMES.filter(([, path]) => !existsSync(path)).map(([name]) => name);
  if (missing.length > 0) throw new Error(`needed and not installed: ${missing.join(", ")}`);
  // The state of runtimes lies on a tmpfs wherever systemd makes /run one.
  const folder = mkdtempSync("/dev/shm/fairlead-bench-");
  try {
    commands(folder, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await engines(rounds);
}

interface Contestant {
  name: string;
  call: (...args: string[]) => string[];
}

function commands(folder: string, rounds: number): void {
  const rootfs = makeRootfs(folder);
  const floor = [compiled("floor", folder), rootfs, ...cgroupRoots()];
  const clock = compiled("clock", folder);
  const timed = (...list: string[][]) => {
    const args = list.flatMap((command) => ["--", ...command]);
    const [program = "", ...words] = inSharedView(clock, `${rounds}`, `${WARM_UP}`, ...args);
    const lines = execFileSync(program, words, { encoding: "utf8", maxBuffer: 64 << 20 });
    return lines.trim().split("\n").map(medianOf);
  };
  const contestants: Contestant[] = RUNTIMES.map(([name, path]) => ({
    name,
    call: (...args) => [path, "--root", join(folder, `${name}-state`), ...args],
  }));
  for (const seccomp of [false, true]) {
    const suffix = seccomp ? ", Docker's seccomp profile" : "";
    const once = makeBundle(join(folder, `true-${seccomp}`), ["true"], seccomp);
    const runs = contestants.map(({ call }) => call("run", "--bundle", once, "once"));
    const [least = NaN, ...taken] = timed(floor, ...runs);
    compare(`run of true${suffix}`, taken, [0.7, 0.2]);
    console.log(
      `  the floor in C: ${least.toFixed(2)} ms, ours is ${ratio(taken[0], least)} of it`,
    );
    const long = makeBundle(join(folder, `sleep-${seccomp}`), ["sleep", "1000"], seccomp);
    withSleepers(contestants, long, () => {
      const execs = contestants.map(({ call }) => call("exec", "long", "/bin/true"));
      compare(`exec of true${suffix}`, timed(...execs), [0.5, 0.5]);
    });
  }
}

function withSleepers(contestants: Contestant[], bundle: string, work: () => void): void {
  const view = (command: string[]) => {
    const [program = "", ...words] = inSharedView(...command);
    execFileSync(program, words, { stdio: "ignore" });
  };
  try {
    for (const { call } of contestants) view(call("run", "--detach", "--bundle", bundle, "long"));
    work();
  } finally {
    for (const { call } of contestants) view(call("delete", "--force", "long"));
  }
}

const medianOf = (line: string) =>
  median(
    line
      .trim()
      .split(" ")
      .map(Number)
      .sort((a, b) => a - b),
  );

const ratio = (ours = NaN, other = NaN) => (ours / other).toFixed(2);

function compare(what: string, [ours = NaN, ...others]: number[], aims: number[]): void {
  for (const [at, other] of others.entries()) {
    report(`${what}, beside ${RUNTIMES[at + 1]?.[0]}`, ours, other, "ms", aims[at] ?? NaN);
  }
}

async function engines(rounds: number): Promise<void> {
  const dockerd = new Dockerd();
  const agent = new Agent();
  try {
    await Promise.all([dockerd.start(), agent.start()]);
    const archive = makeArchive(dockerd.folder);
    const sockets = [agent.socket, dockerd.socket];
    for (const socket of sockets)
      await run("docker", "-H", `unix://${socket}`, "import", archive, IMAGE);
    const taken: number[] = [];
    for (const socket of sockets) {
      await times(3, () => runOnce(socket));
      taken.push(median(await times(rounds, () => runOnce(socket))));
    }
    const [ours = NaN, theirs = NaN] = taken;
    report("API: run --rm on the bridge, beside dockerd", ours, theirs, "ms", 0.35);
    for (const socket of sockets) {
      for (let count = 0; count < CONTAINERS; count++)
        await start(socket, ["sleep", "1000"], false);
    }
    await sleep(SETTLE_MS);
    const ourKiB = residentKiB((line) => line.includes(agent.folder) && !line.startsWith("docker"));
    const theirKiB = residentKiB(
      (line) =>
        /^(\/usr\/s?bin\/)?(dockerd|containerd)/.test(line) && line.includes(dockerd.folder),
    );
    report(`resident, ${CONTAINERS} containers`, ourKiB / 1024, theirKiB / 1024, "MiB", 0.25);
  } finally {
    await agent.stop();
    await dockerd.stop();
  }
}

/** What `docker run --rm` asks of an engine, without the docker command. */
async function runOnce(socket: string): Promise<void> {
  const id = await create(socket, ["true"], true);
  const removed = call(socket, `/containers/${id}/wait?condition=removed`);
  await call(socket, `/containers/${id}/start`);
  await removed;
}

async function start(socket: string, command: string[], autoRemove: boolean): Promise<void> {
  await call(socket, `/containers/${await create(socket, command, autoRemove)}/start`);
}

async function create(socket: string, command: string[], autoRemove: boolean): Promise<string> {
  const body = { Image: IMAGE, Cmd: command, HostConfig: { AutoRemove: autoRemove } };
  return (JSON.parse(await call(socket, "/containers/create", body)) as { Id: string }).Id;
}

function call(socketPath: string, path: string, body?: object): Promise<string> {
  return new Promise((done, failed) => {
    const headers = { "content-type": "application/json" };
    const sent = request(
      { socketPath, path: `/v1.41${path}`, method: "POST", headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", failed);
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if ((answer.statusCode ?? 500) < 400) done(text);
          else failed(new Error(`${path}: ${answer.statusCode} ${text}`));
        });
      },
    );
    sent.on("error", failed);
    sent.end(body && JSON.stringify(body));
  });
}
