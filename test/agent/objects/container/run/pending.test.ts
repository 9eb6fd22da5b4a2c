import { expect, test } from "vitest";
import { PendingWork } from "../../../../../agent/objects/container/run/pending.ts";
import { FairleadError } from "../../../../../resources/model/errors.ts";

const never = new AbortController().signal;

test("many pieces of work are waited for in one call, each outcome told once", async () => {
  const pending = new PendingWork();
  const ends: (() => void)[] = [];
  const ids = Array.from({ length: 500 }, () =>
    pending.begin(() => new Promise((resolve) => ends.push(resolve))),
  );
  expect([ends.length, new Set(ids).size]).toEqual([500, 500]);
  const first = pending.ended(ids, 60_000, never);
  ends[7]?.();
  expect(await first).toEqual([{ id: ids[7] }]);
  const others = ids.filter((id) => id !== ids[7]);
  for (const end of ends) end();
  await Promise.resolve();
  expect(await pending.ended(others, 60_000, never)).toHaveLength(499);
});

test("a wait without an end is over in time, or when its client leaves", async () => {
  const pending = new PendingWork();
  const id = pending.begin(() => new Promise(() => undefined));
  expect(await pending.ended([id], 5, never)).toEqual([]);
  const left = new AbortController();
  const waiting = pending.ended([id], 60_000, left.signal);
  left.abort();
  expect(await waiting).toEqual([]);
});

test("failures keep their code and sentence", async () => {
  const pending = new PendingWork();
  const refused = pending.begin(() => Promise.reject(new FairleadError("not_modified", "it is")));
  const broken = pending.begin(() => Promise.reject(new Error("no shim")));
  await new Promise(setImmediate);
  expect(await pending.ended([refused, broken], 60_000, never)).toEqual([
    { id: refused, error: { code: "not_modified", message: "it is" } },
    { id: broken, error: { code: "internal", message: "no shim" } },
  ]);
});

test("what is not known, or was told already, is an error and is not waited for", async () => {
  const pending = new PendingWork();
  const id = pending.begin(() => Promise.resolve());
  await new Promise(setImmediate);
  expect(await pending.ended([id], 60_000, never)).toEqual([{ id }]);
  const [again, other] = await pending.ended([id, "other"], 60_000, never);
  expect([again?.error?.code, other?.error?.code]).toEqual(["unavailable", "unavailable"]);
});
