// Many lives of containers, and many deaths of the agent: nothing may be left of either, and the
// containers that stay must not notice. FAIRLEAD_SOAK=CYCLES,KILLS says how many; `npm run
// test:soak` takes 1,000 and 200.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { busyboxEntries, dockerArchive, makeImage } from "../agent/images/make-image.ts";
import { agentMissing, type Engine, startAgent } from "../conformance/engines.ts";
import { type Census, call, census } from "./census.ts";

const [cycles = 25, kills = 5] = (process.env.FAIRLEAD_SOAK ?? "")
  .split(",")
  .filter(Boolean)
  .map(Number);
const reason = agentMissing();
const MINUTE_MS = 60_000;

interface State {
  State: { Pid: number; Running: boolean; ExitCode: number; Health?: { Status: string } };
  RestartCount: number;
}

describe.skipIf(reason !== undefined)(`an agent for long (skipped: ${reason ?? "no"})`, () => {
  let engine: Engine;
  let serial = 0;

  beforeAll(async () => {
    engine = await startAgent();
    const image = await makeImage({
      layers: [busyboxEntries()],
      name: "busybox:latest",
      config: { Cmd: ["sh"], Env: ["PATH=/bin"] },
    });
    const archive = join(engine.folder, "image.tar");
    writeFileSync(archive, await dockerArchive([image]));
    const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
    execFileSync("docker", ["load", "-i", archive], { env, stdio: "ignore" });
  });
  afterAll(() => engine?.stop());

  async function begin(Cmd: string[], more: object = {}): Promise<string> {
    const body = { Image: "busybox", Cmd, ...more };
    const name = `soak-${serial++}`;
    const made: { Id: string } = await call(
      engine,
      "POST",
      `/containers/create?name=${name}`,
      body,
    );
    await call(engine, "POST", `/containers/${made.Id}/start`);
    return made.Id;
  }
  const remove = (id: string) => call(engine, "DELETE", `/containers/${id}?force=1&v=1`);
  const inspect = (id: string): Promise<State> => call(engine, "GET", `/containers/${id}/json`);

  /** A life that ends by itself, one that is stopped, one that is killed with an exec in it. */
  async function cycle(way: number): Promise<void> {
    if (way === 0) {
      const id = await begin(["sh", "-c", "echo hello; exit 3"]);
      const { StatusCode }: { StatusCode: number } = await call(
        engine,
        "POST",
        `/containers/${id}/wait`,
      );
      expect(StatusCode).toBe(3);
      return void (await remove(id));
    }
    const id = await begin(["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]);
    if (way === 1) await call(engine, "POST", `/containers/${id}/stop?t=5`);
    else {
      const exec = { Cmd: ["sleep", "1000"] };
      const made: { Id: string } = await call(engine, "POST", `/containers/${id}/exec`, exec);
      await call(engine, "POST", `/exec/${made.Id}/start`, { Detach: true });
    }
    await remove(id);
  }

  /** Waits until the counts are those of before: what ends takes its time. */
  async function settlesTo({ descriptors, ...before }: Census): Promise<void> {
    // A process of Node has one or two more or less from one moment to the next.
    const differs = () => {
      const { descriptors: open, ...now } = census(engine);
      return open > descriptors + 2 || JSON.stringify(now) !== JSON.stringify(before);
    };
    for (let tries = 0; tries < 100 && differs(); tries++) await sleep(200);
    const { descriptors: open, ...now } = census(engine);
    expect(now).toEqual(before);
    expect(open).toBeLessThanOrEqual(descriptors + 2);
  }

  test(`${cycles} lives leave nothing`, { timeout: MINUTE_MS + cycles * 5000 }, async () => {
    for (const way of [0, 1, 2]) await cycle(way);
    await sleep(1000);
    const before = census(engine);
    for (let count = 0; count < cycles; count++) await cycle(count % 3);
    await settlesTo(before);
    expect(await call(engine, "GET", "/containers/json?all=1")).toEqual([]);
  });

  test(`${kills} deaths of the agent leave nothing, and no container notices`, {
    timeout: MINUTE_MS + kills * 20_000,
  }, async () => {
    const health = { Test: ["CMD", "true"], Interval: 1e9, Timeout: 5e9, Retries: 3 };
    const stayers = [
      await begin(["sh", "-c", "while :; do date; sleep 0.2; done"]),
      await begin(["sleep", "100000"], { HostConfig: { RestartPolicy: { Name: "always" } } }),
      await begin(["sleep", "100000"], { Healthcheck: health }),
    ];
    await sleep(1500);
    await engine.restart("SIGKILL");
    const before = census(engine);
    const pids = await Promise.all(stayers.map(async (id) => (await inspect(id)).State.Pid));
    for (let count = 0; count < kills; count++) {
      // Cut off at another moment each time, in the middle of what a life consists of.
      const life = cycle(count % 3).catch(() => undefined);
      await sleep((count * 37) % 400);
      await engine.restart("SIGKILL");
      await life;
    }
    const all: { Id: string }[] = await call(engine, "GET", "/containers/json?all=1");
    for (const { Id } of all) if (!stayers.includes(Id)) await remove(Id);
    await settlesTo(before);
    const states = await Promise.all(stayers.map(inspect));
    expect(states.map(({ State }) => State.Pid)).toEqual(pids);
    expect(states.map(({ RestartCount }) => RestartCount)).toEqual([0, 0, 0]);
    expect(states[2]!.State.Health?.Status).toBe("healthy");
    for (const id of stayers) await remove(id);
  });
});
