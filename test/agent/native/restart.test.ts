// The one restart policy, as the agent asks it; shims ask the same function.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadNative } from "../../../agent/native/index.ts";

const addon = join(import.meta.dirname, "../../../agent/native/build/fairlead.node");
const skip = existsSync(addon) ? undefined : "the addon is not built (npm run build)";

describe.skipIf(skip)(`the restart policy${skip ? ` (skipped: ${skip})` : ""}`, () => {
  const native = skip ? undefined : loadNative(addon);
  const after = (policy: string, before: object = {}, ending: object = {}, maxRetries = 0) =>
    native!.nextRestart(
      { policy, maxRetries },
      { count: 0, delayMs: 0, ...before },
      { exitCode: 255, ranMs: 1000, stopRequested: false, ...ending },
    );

  test("waits twice as long each time, at most a minute", async () => {
    const delays: number[] = [];
    let restarts = { count: 0, delayMs: 0 };
    for (let turn = 0; turn < 12; turn++) {
      restarts = (await after("always", restarts))!;
      delays.push(restarts.delayMs);
    }
    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(delays.slice(-2)).toEqual([60_000, 60_000]);
    expect(restarts.count).toBe(12);
  });

  test("waits anew after ten seconds of life, and goes on counting", async () => {
    const before = { count: 7, delayMs: 12_800 };
    const shorter = await after("always", before, { ranMs: 9_999 });
    expect(shorter).toEqual({ count: 8, delayMs: 25_600 });
    expect(await after("always", before, { ranMs: 10_000 })).toEqual({ count: 8, delayMs: 100 });
  });

  const CASES: [policy: string, max: number, before: object, ending: object, wanted: boolean][] = [
    ["no", 0, {}, {}, false],
    ["always", 0, {}, { exitCode: 0 }, true],
    ["always", 0, {}, { stopRequested: true }, true],
    ["unless-stopped", 0, {}, { stopRequested: true }, false],
    ["unless-stopped", 0, {}, { exitCode: 0 }, true],
    ["on-failure", 0, {}, { exitCode: 0 }, false],
    ["on-failure", 0, { count: 50 }, {}, true],
    ["on-failure", 0, {}, { stopRequested: true }, false],
    ["on-failure", 3, { count: 2 }, {}, true],
    ["on-failure", 3, { count: 3 }, {}, false],
  ];
  test.each(CASES)("%s:%i after %j and %j brings back: %s", async (name, max, ...rest) => {
    const [before, ending, wanted] = rest;
    expect((await after(name, before, ending, max)) !== undefined).toBe(wanted);
  });
});
