// Records on disk: written whole, read by their form, set aside when unreadable, never removed.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { replaceFile } from "../../../agent/state/durable-file.ts";
import { recordForm, writeRecord } from "../../../agent/state/record.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { salvage, salvageTexts } from "../../../agent/state/salvage.ts";
import { unreadableText } from "../../../resources/wire.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-record-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Above the highest number that Linux gives (PID_MAX_LIMIT). */
const GONE = 4_194_305;

const formOf = (version: number) =>
  recordForm<{ name: string }>(
    { what: "the record of a thing", remedy: "make it anew", version },
    z.looseObject({ name: z.string() }),
  );
const form = formOf(1);
const store = () => {
  const reports: string[] = [];
  return { reports, records: new RecordStore((line) => reports.push(line)) };
};

describe("a record", () => {
  test("is replaced whole, and says of which version its form is", async () => {
    const path = join(folder, "a/record.json");
    await writeRecord(form, path, { name: "one" });
    await writeRecord(form, path, { name: "two" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ version: 1, name: "two" });
    expect(await store().records.read(form, path)).toEqual({ record: { name: "two" } });
    expect(readdirSync(join(folder, "a"))).toEqual(["record.json"]);
  });

  test("of before versions were written is read", async () => {
    const path = join(folder, "old.json");
    writeFileSync(path, '{"name":"old","more":1}');
    expect(await store().records.read(form, path)).toEqual({ record: { name: "old", more: 1 } });
  });

  test.each([
    ["an empty file", ""],
    ["half a record", '{"version":1,"na'],
    ["an object without what it needs", "{}"],
    ["something else", "[]"],
    ["null", "null"],
    ["bytes that are no text", "\0\0\0\0"],
  ])("is set aside, told and kept when it is %s", async (what, content) => {
    const place = join(folder, what.replaceAll(" ", "-"));
    mkdirSync(place);
    const path = join(place, "x.json");
    writeFileSync(path, content);
    const { records, reports } = store();
    const reading = await records.read(form, path);
    const [one] = records.unreadable;
    expect(reading).toEqual({ unreadable: one });
    expect(one?.setAside).toMatch(/x\.json\.unreadable-\d{8}T\d{6}Z$/);
    expect(readFileSync(one?.setAside ?? "", "utf8")).toBe(content);
    expect(reports).toEqual([one && unreadableText(one)]);
    expect(reports[0]).toContain("make it anew");
    // An agent that starts later tells it again, until somebody takes the file away.
    const later = store().records;
    await later.sweep(place, 0);
    expect(await later.read(form, path)).toMatchObject({
      unreadable: { path, setAside: one?.setAside },
    });
    rmSync(one?.setAside ?? "");
    expect(later.unreadable).toEqual([]);
  });

  test("of a newer form is set aside, and taken up by an agent that knows it", async () => {
    const path = join(folder, "newer.json");
    await writeRecord(formOf(3), path, { name: "new" });
    const { records } = store();
    expect(await records.read(form, path)).toMatchObject({
      unreadable: { setAside: `${path}.version-3`, reason: expect.stringMatching(/newer agent/) },
    });
    const upgraded = store().records;
    await upgraded.sweep(folder, 0);
    expect(await upgraded.read(formOf(3), path)).toEqual({ record: { name: "new" } });
    expect(upgraded.unreadable).toEqual([]);
  });

  test("of another object than its place says is set aside", async () => {
    const path = join(folder, "other.json");
    await writeRecord(form, path, { name: "b" });
    const reading = await store().records.read(form, path, ({ name }) => name === "a");
    expect(reading).toMatchObject({ unreadable: { reason: expect.stringMatching(/another/) } });
  });

  test("that cannot be written leaves no draft, and the old one as it was", async () => {
    const path = join(folder, "in-the-way");
    mkdirSync(join(path, "full"), { recursive: true });
    await expect(replaceFile(path, "{}")).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
  });
});

describe("drafts", () => {
  test("of agents that are gone are removed; others, and records, stay", async () => {
    const place = join(folder, "b");
    mkdirSync(join(place, "inner/_data"), { recursive: true });
    const kept = ["x.json", `x.json.1.${process.ppid}.new`, "inner/_data/mine.json.4194305.new"];
    const gone = [`x.json.${GONE}.new`, `inner/y.json.${GONE}.new`, "x.json.1.new"];
    for (const name of [...kept, ...gone]) writeFileSync(join(place, name), "{");
    await store().records.sweep(place, 1);
    expect(gone.map((name) => existsSync(join(place, name)))).toEqual([false, false, false]);
    expect(kept.map((name) => existsSync(join(place, name)))).toEqual([true, true, true]);
    await store().records.sweep(join(folder, "missing"), 0);
  });
});

describe("what is still whole in a damaged record", () => {
  test.each([
    ['{"name":"web","labels":{"a":"}{\\"","b":"2"},"x":', "labels", { a: '}{"', b: "2" }],
    ['{"name":"web","labels":{"a":"1"', "labels", undefined],
    ['{"labels":{"a":1}}', "labels", undefined],
  ])("in %j is found by its key", (text, key, value) => {
    expect(salvageTexts(text, key)).toEqual(value);
  });
  test.each([
    ['{"a":true,"b', "a", true],
    ['{"a":12', "a", undefined],
    ['{"a":[{"b":"]"}],', "a", [{ b: "]" }]],
    ['{"a":x,"b":{"a":"second"', "a", "second"],
  ])("%j has a value of %s: %j", (text, key, value) => {
    expect(salvage(text, key)).toEqual(value);
  });
});
