// When what is missing is repaired: at once, and ever more seldom when it does not last.
import { expect, test } from "vitest";
import { Watch } from "../../../agent/network/watch.ts";

test("repairs at once, and ever more seldom what is taken away again and again", async () => {
  let now = 0;
  const repairs: number[] = [];
  const warnings: string[] = [];
  let missing: string | undefined = "the table";
  const watch = new Watch({
    findMissing: async () => missing,
    repair: async () => void repairs.push(now),
    warn: (line) => warnings.push(line),
    now: () => now,
  });
  for (now = 0; now <= 300_000; now += 10_000) await watch.check();
  expect(repairs).toEqual([0, 10_000, 30_000, 70_000, 150_000]);
  expect(watch.missing).toBe("the table");
  expect(warnings.at(-1)).toContain("the next repair is in 160 s");
  missing = undefined;
  await watch.check();
  expect(watch.missing).toBeUndefined();
  now += 1_000_000;
  missing = "the table";
  await watch.check();
  expect(repairs.at(-1)).toBe(now);
});

test("does nothing while nothing is missing", async () => {
  const watch = new Watch({
    findMissing: async () => undefined,
    repair: () => Promise.reject(new Error("not asked for")),
    warn: () => expect.unreachable(),
  });
  await watch.check();
  expect(watch.missing).toBeUndefined();
});
