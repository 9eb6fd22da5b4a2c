import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readRecord, removeDrafts, writeRecord } from "../../../agent/state/record.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-record-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Above the highest number that Linux gives (PID_MAX_LIMIT). */
const GONE = 4_194_305;

test("a record is replaced whole, and half of one reads as none", async () => {
  const path = join(folder, "a/record.json");
  await writeRecord(path, { one: 1 });
  await writeRecord(path, { two: 2 });
  expect(await readRecord(path)).toEqual({ two: 2 });
  expect(readdirSync(join(folder, "a"))).toEqual(["record.json"]);
  writeFileSync(path, '{"two":');
  expect(await readRecord(path)).toBe(undefined);
});

test("drafts of processes that are gone are removed, others and records stay", async () => {
  const place = join(folder, "b");
  mkdirSync(join(place, "inner/_data"), { recursive: true });
  const kept = ["x.json", `x.json.${process.pid}.new`, "inner/_data/mine.json.4194305.new"];
  const gone = [`x.json.${GONE}.new`, `inner/y.json.${GONE}.new`];
  for (const name of [...kept, ...gone]) writeFileSync(join(place, name), "{");
  await removeDrafts(place, 1);
  expect(kept.map((name) => existsSync(join(place, name)))).toEqual([true, true, true]);
  expect(gone.map((name) => existsSync(join(place, name)))).toEqual([false, false]);
  await removeDrafts(join(folder, "missing"));
});
