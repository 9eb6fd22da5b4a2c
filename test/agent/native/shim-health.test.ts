import { afterAll, describe, expect, test } from "vitest";
import type { HealthcheckSettings } from "../../../agent/runtime/shim-protocol.ts";
import { alive, eventually, makeShimLab, watchEvents, whyNot } from "./shim-lab.ts";

function probe(script: string, more: Partial<HealthcheckSettings> = {}): HealthcheckSettings {
  return {
    argv: ["/bin/sh", "-c", script],
    intervalMs: 100,
    timeoutMs: 2000,
    retries: 2,
    startPeriodMs: 0,
    startIntervalMs: 100,
    ...more,
  };
}

const reason = whyNot();
describe.skipIf(reason)(`health under a shim${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  afterAll(() => lab.clean());

  test("starting, healthy, unhealthy, healthy: told once at each turn", async () => {
    const box = lab.specimen({
      run: "touch /tmp/ok; sleep 0.5; rm /tmp/ok; sleep 0.6; touch /tmp/ok; sleep 600",
      settings: { healthcheck: probe("echo probed; test -e /tmp/ok") },
    });
    await box.launch();
    const { events } = watchEvents(box.client);
    await box.client.start();
    expect(box.saved().health).toMatchObject({ status: "starting", failingStreak: 0, log: [] });
    const turns = () => events.filter(({ event }) => event === "health");
    await eventually("three turns", () => turns().length >= 3);
    expect(turns().map(({ state }) => state.health?.status)).toEqual([
      "healthy",
      "unhealthy",
      "healthy",
    ]);
    const log = (await box.client.state()).health!.log;
    expect(log.length).toBeLessThanOrEqual(5);
    expect(log.at(-1)).toMatchObject({ exitCode: 0, output: "probed\n" });
  });

  test("probes come on time while nobody is there to ask for them", async () => {
    const intervalMs = 400;
    const box = lab.specimen({
      run: "sleep 600",
      settings: { healthcheck: probe("true", { intervalMs, startIntervalMs: intervalMs }) },
    });
    await box.begin();
    // No client is connected and no agent runs: what the shim wrote by itself is looked at.
    const log = await eventually("five probes", () => {
      const found = box.saved().health?.log ?? [];
      return found.length === 5 && found;
    });
    const starts = log.map(({ start }) => Date.parse(start));
    const ends = log.map(({ end }) => Date.parse(end));
    const pauses = starts.slice(1).map((start, index) => start - ends[index]!);
    // An interval lies between the end of one probe and the start of the next, as in Docker.
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(intervalMs - 20);
    expect(Math.min(...pauses)).toBeLessThan(intervalMs * 2);
  });

  test("a start period forgives failures and has its own interval", async () => {
    const box = lab.specimen({
      run: "sleep 600",
      settings: {
        healthcheck: probe("false", {
          intervalMs: 60_000,
          retries: 1,
          startPeriodMs: 700,
          startIntervalMs: 50,
        }),
      },
    });
    await box.begin();
    await eventually("several probes", () => (box.saved().health?.log.length ?? 0) >= 4);
    expect(box.saved().health).toMatchObject({ status: "starting", failingStreak: 0 });
  });

  test("a probe that hangs is killed at its timeout, with its children", async () => {
    const box = lab.specimen({
      run: "sleep 600",
      settings: {
        healthcheck: probe("echo $$ slow; sleep 500; true", { timeoutMs: 300, retries: 1 }),
      },
    });
    const { pid } = await box.begin();
    const health = await eventually("the verdict", () => {
      const found = box.saved().health;
      return found?.status === "unhealthy" && found;
    });
    expect(health.log[0]).toMatchObject({ exitCode: -1 });
    expect(health.log[0]!.output).toMatch(/^Health check exceeded timeout \(300ms\): \d+ slow\n/);
    expect(alive(pid)).toBe(true);
  });

  test("output is capped at 4096 bytes", async () => {
    const box = lab.specimen({
      run: "sleep 600",
      settings: { healthcheck: probe("yes | head -c 100000") },
    });
    await box.begin();
    const health = await eventually("a result", () => {
      const found = box.saved().health;
      return found !== undefined && found.log.length > 0 && found;
    });
    expect(health.log[0]!.output).toHaveLength(4099);
    expect(health.log[0]!.output.endsWith("...")).toBe(true);
  });

  test("a probe that cannot be run is a failure that says why", async () => {
    const box = lab.specimen({
      run: "sleep 600",
      settings: { healthcheck: { ...probe(""), argv: ["/bin/nothing"], retries: 1 } },
    });
    await box.begin();
    const health = await eventually("the verdict", () => {
      const found = box.saved().health;
      return found?.status === "unhealthy" && found;
    });
    expect(health.log[0]).toMatchObject({ exitCode: 127 });
    expect(health.log[0]!.output).toContain("/bin/nothing");
  });
});
