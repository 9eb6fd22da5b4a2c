// The same scenarios on every execution driver. FAIRLEAD_DRIVERS=all runs the whole suite on each.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { play } from "./case.ts";
import { driverCases } from "./cases/drivers.ts";
import { type AgentWish, agentMissing, type Engine, startAgent } from "./engines.ts";
import { conform, loadImages } from "./suite.ts";

interface Driver extends AgentWish {
  runtime: string;
  /** What must be installed. */
  needs?: string;
}

const drivers: Driver[] = [
  { runtime: "native" },
  { runtime: "fairlead-runtime" },
  { runtime: "runc", needs: "/usr/sbin/runc" },
  // Debian's crun refuses hosts on which v2 has controllers beside v1.
  { runtime: "crun", needs: "/usr/bin/crun", onlyV1: isHybrid() },
  { runtime: "lxc", needs: "/usr/bin/lxc-start" },
];
const all = process.env.FAIRLEAD_DRIVERS === "all";

for (const driver of drivers) {
  const { runtime, needs } = driver;
  const absent = needs !== undefined && !existsSync(needs) ? `${needs} is not there` : undefined;
  const missing = agentMissing() ?? absent;
  describe(`driver ${runtime}${missing ? ` (skipped: ${missing})` : ""}`, () => {
    const chosen = all ? {} : { cases: { scenarios: driverCases } };
    conform({ name: "fairlead", runtime, missing, start: () => startAgent(driver), ...chosen });
    describe.skipIf(missing)("supervision", () => supervision(driver));
  });
}

describe.skipIf(agentMissing())("a runtime that kills its own process group", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-rude-"));
  const path = join(folder, "rude");
  let engine: Engine;
  beforeAll(async () => {
    const real = resolve("agent/native/build/fairlead-runtime");
    const rude = `case " $* " in *" delete "*) kill -9 0 ;; esac`;
    writeFileSync(path, `#!/bin/sh\n${real} "$@" || exit\n${rude}\n`, { mode: 0o755 });
    engine = await startAgent({ runtime: "rude", runtimes: { rude: { path } } });
    await loadImages(engine);
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true });
  });

  test("does not take the shim with it", async () => {
    const script = `
      docker run -d --name cc busybox sh -c 'trap "exit 5" TERM; while :; do sleep 0.1; done'
      docker stop cc; docker wait cc; docker start cc; docker exec cc echo again; docker rm -f cc`;
    expect(await play(engine, script, "x0y")).toBe("<id>\ncc\n5\ncc\nagain\ncc\n");
    expect(leftovers(engine)).toEqual([]);
  });
});

function supervision(driver: Driver): void {
  let engine: Engine;
  let docker: (script: string) => Promise<string>;
  beforeAll(async () => {
    engine = await startAgent(driver);
    await loadImages(engine);
    docker = (script) => play(engine, script, "x0y");
  });
  afterAll(async () => {
    await engine?.stop();
  });

  test("a container outlives kill -9 of the agent, and the next one takes it over", async () => {
    await docker(`docker run -d --name aa --restart always busybox sh -c '
      trap "exit 3" TERM; while :; do date +%s%N; sleep 0.1; done'`);
    const before = await docker("docker inspect -f '{{.State.Pid}}' aa; docker logs aa | wc -l");
    await engine.restart("SIGKILL", () => new Promise((resolve) => setTimeout(resolve, 500)));
    const [pid] = before.split("\n");
    expect(await docker("docker inspect -f '{{.State.Status}} {{.State.Pid}}' aa")).toBe(
      `running ${pid}\n`,
    );
    expect(Number(await docker("docker logs aa | wc -l"))).toBeGreaterThan(
      Number(before.split("\n")[1]),
    );
    expect(await docker("docker exec aa echo in; docker stop aa; docker wait aa")).toBe(
      "in\naa\n3\n",
    );
    expect(await docker("docker rm aa")).toBe("aa\n");
  });

  test("a container whose shim is killed is told as lost and starts again", async () => {
    await docker("docker run -d --name bb busybox sleep 1000");
    const shim = shimOf(engine.folder);
    process.kill(shim, "SIGKILL");
    const script = `
      for i in $(seq 50); do test "$(docker inspect -f '{{.State.Running}}' bb)" = false && break
        sleep 0.1; done
      docker inspect -f '{{.State.ExitCode}}' bb; docker start bb; docker exec bb echo again
      docker rm -f bb`;
    expect(await docker(script)).toBe("255\nbb\nagain\nbb\n");
  });

  test("nothing is left of the containers that were removed", async () => {
    expect(leftovers(engine)).toEqual([]);
  });
}

/** The only shim below a folder. */
function shimOf(folder: string): number {
  const found = readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      const words = pid > 0 ? commandLine(pid) : "";
      return words.includes(" shim ") && words.includes(folder);
    });
  expect(found).toHaveLength(1);
  return found[0]!;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Processes, state, control groups and mounts that a removed container must not leave. */
function leftovers({ folder, instance }: Engine): string[] {
  const inFolder = (path: string) => (existsSync(path) ? readdirSync(path) : []);
  // Groups of others come and go meanwhile, about which find complains.
  const find = `find /sys/fs/cgroup -type d -path '*/${instance}/*' 2>/dev/null || true`;
  const groups = execFileSync("sh", ["-c", find]);
  const processes = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(`${folder}/run`))
    .map(commandLine)
    .filter((words) => !words.includes("agent.cjs"));
  return [
    ...inFolder(`${folder}/run/runtimes`),
    ...inFolder(`${folder}/run/shims`).filter((name) => name !== "seccomp"),
    ...inFolder(`${folder}/root/containers`),
    ...inFolder(`/run/lxc/lock${folder}`),
    ...(groups.toString().match(/^.*\/[0-9a-f]{64}.*$/gm) ?? []),
    ...processes,
  ];
}

function isHybrid(): boolean {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return / cgroup /.test(mounts) && / cgroup2 /.test(mounts);
}
