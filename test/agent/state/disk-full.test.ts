// Records on a disk that is full: what is told, and that nothing half-written stays.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { isDiskFull } from "../../../agent/state/disk-full.ts";
import { recordForm, writeRecord } from "../../../agent/state/record.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";

const form = recordForm<{ text: string }>(
  { what: "the record of a thing", remedy: "", version: 1 },
  z.looseObject({ text: z.string() }),
);
const cannot = process.getuid?.() !== 0;

describe.skipIf(cannot)(`on a full disk (skipped: ${cannot ? "needs root" : "no"})`, () => {
  const disk = mkdtempSync(join(tmpdir(), "fairlead-full-"));
  beforeAll(() => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,nr_inodes=64", "full", disk]);
  });
  afterAll(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  test.each([
    ["space", () => writeFileSync(join(disk, "filler"), Buffer.alloc(1 << 20)), /0 MiB and/],
    [
      "inodes",
      () => {
        for (let n = 0; n < 64; n += 1) writeFileSync(join(disk, `filler${n}`), "");
      },
      /and 0 inodes free/,
    ],
  ])("that lacks %s a write says where, how much is left and what to do", async (_, fill, left) => {
    const path = join(disk, "record.json");
    await writeRecord(form, path, { text: "before" });
    expect(fill).toThrow(/ENOSPC/);
    const failure = await writeRecord(form, path, { text: "x".repeat(8192) }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^the disk is full: .*record\.json/),
      hint: expect.stringMatching(/free space or inodes .*docker system prune/),
      path,
    });
    expect(failure.message).toMatch(left);
    expect(isDiskFull(failure)).toBe(true);
    expect(readdirSync(disk).filter((name) => name.endsWith(".new"))).toEqual([]);
    expect(JSON.parse(readFileSync(path, "utf8")).text).toBe("before");
    // Setting a damaged record aside needs no space: it is renamed.
    writeFileSync(path, "");
    const reading = await new RecordStore(() => undefined).read(form, path);
    expect(reading).toMatchObject({ unreadable: { path } });
    for (const name of readdirSync(disk)) rmSync(join(disk, name));
  });
});
