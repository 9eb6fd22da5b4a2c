import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Deadline, signalWithin, within } from "../../../providers/engine/deadline.ts";
import { type Wait, Waiting } from "../../../providers/engine/waiting.ts";
import { FairleadError } from "../../../resources/model/errors.ts";

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

const late = () => new FairleadError("unavailable", "too late");

describe("a deadline", () => {
  test("is kept when garbage is collected meanwhile", async () => {
    const stop = new AbortController();
    const signals = Array.from({ length: 50 }, () => signalWithin(200, stop.signal));
    for (let round = 0; round < 5; round++) {
      await sleep(5);
      collectGarbage();
    }
    await sleep(400);
    expect(signals.filter(({ aborted }) => aborted)).toHaveLength(50);
    expect(signals[0]!.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("passes on the reason of the outer signal, now or later", async () => {
    const stop = new AbortController();
    const later = new Deadline(60_000, late, [undefined, stop.signal]);
    stop.abort("stopped");
    const now = new Deadline(60_000, late, [stop.signal]);
    for (const one of [later, now]) {
      expect([one.signal.aborted, one.signal.reason, one.isOver]).toEqual([true, "stopped", false]);
    }
  });

  test("can be later than a timer of Node can wait", async () => {
    const one = new Deadline(10 ** 12);
    await sleep(20);
    expect(one.signal.aborted).toBe(false);
    one.end();
  });

  test("ends work that pays no heed to it, and gives back what comes in time", async () => {
    const forever = () => new Promise<never>(() => {});
    await expect(within(20, late, undefined, forever)).rejects.toThrow("too late");
    const stop = new AbortController();
    const stopped = within(60_000, late, stop.signal, forever);
    stop.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    expect(await within(60_000, late, undefined, async () => 7)).toBe(7);
  });
});

describe("a wait", () => {
  test("is told of after a second and when it changes, and not when it ends before", async () => {
    const told: Wait[] = [];
    const long = new Waiting("trying a, attempt 1", (wait) => told.push(wait));
    const short = new Waiting("short", (wait) => told.push(wait));
    await sleep(300);
    short.end();
    await sleep(900);
    long.becomes("trying a, attempt 2");
    long.end();
    long.becomes("over");
    expect(told.map(({ what }) => what)).toEqual(["trying a, attempt 1", "trying a, attempt 2"]);
    expect(told[0]!.elapsedMs).toBeGreaterThanOrEqual(900);
  });
});
