import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogLine, LogReceiver } from "../../../agent/logs/driver/driver.ts";
import { compressRotated } from "../../../agent/logs/file/compress.ts";
import type { LogPosition } from "../../../agent/logs/file/follower.ts";
import { readLog } from "../../../agent/logs/file/read.ts";
import { Forwarder } from "../../../agent/logs/forwarder.ts";

let second = 0;
const line = (text: string, end = "\n") => {
  second += 1;
  const time = new Date(Date.UTC(2030, 0, 1) + second * 1000).toISOString();
  return `${JSON.stringify({ log: `${text}${end}`, stream: "stdout", time })}\n`;
};

describe("the lines of a container", () => {
  let folder: string;
  let path: string;
  let saved: LogPosition | undefined;
  let told: string[];
  let alive: boolean;
  let got: LogLine[];
  let broken: boolean;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "forward-"));
    path = join(folder, "log");
    writeFileSync(path, "");
    [saved, told, got, alive, broken] = [undefined, [], [], true, false];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const receiver = (more: Partial<LogReceiver> = {}): LogReceiver => ({
    send: async (lines) => {
      if (broken) throw new Error("refused");
      got.push(...lines);
    },
    close: () => undefined,
    retryMs: 10,
    ...more,
  });
  const forward = (to = receiver()) =>
    new Forwarder({
      files: { path, maxFiles: 3 },
      receiver: to,
      from: saved,
      save: async (position) => {
        saved = position;
      },
      alive: () => alive,
      report: (text) => told.push(text),
    });
  const texts = () => got.map(({ text }) => text);

  test("reach the receiver, but for empty ones, across rotations", async () => {
    writeFileSync(path, line("a") + line("") + line("b"));
    const one = forward();
    await expect.poll(texts).toEqual(["a", "b"]);
    appendFileSync(path, line("c"));
    renameSync(path, `${path}.1`);
    writeFileSync(path, line("d"));
    await expect.poll(texts).toEqual(["a", "b", "c", "d"]);
    alive = false;
    one.wake();
    await one.ended;
    expect(told).toEqual([]);
  });

  test("are known as parts of one where one is cut", async () => {
    writeFileSync(path, line("aa", "") + line("bb", "") + line("c") + line("d"));
    await forward().finish(5000);
    expect(got.map(({ text, part }) => [text, part?.ordinal, part?.last])).toEqual([
      ["aa", 1, false],
      ["bb", 2, false],
      ["c", 3, true],
      ["d", undefined, undefined],
    ]);
    expect(new Set(got.slice(0, 3).map(({ part, time }) => part?.id + time)).size).toBe(1);
  });

  test("go on where an earlier agent stopped, also in a file that was compressed", async () => {
    writeFileSync(path, line("a"));
    await forward().finish(5000);
    appendFileSync(path, line("b"));
    renameSync(path, `${path}.1`);
    writeFileSync(path, line("c"));
    await compressRotated({ path, maxFiles: 3 });
    expect(readdirSync(folder).some((name) => name.endsWith(".gz"))).toBe(true);
    await forward().finish(5000);
    expect(texts()).toEqual(["a", "b", "c"]);
  });

  test("wait for a receiver that is away, and nobody is held up", async () => {
    broken = true;
    writeFileSync(path, line("a"));
    const one = forward();
    await expect.poll(() => told).toEqual(["its lines wait for their receiver: refused"]);
    appendFileSync(path, line("b"));
    broken = false;
    await expect.poll(texts).toEqual(["a", "b"]);
    expect(told.at(-1)).toBe("its lines reach their receiver again");
    await one.stop();
  });

  test.each<[string, Partial<LogReceiver>]>([
    ["its attempts are used up", { maxRetries: 2 }],
    ["more waits than may", { backlogBytes: 10 }],
  ])("are given up when %s", async (_, limits) => {
    broken = true;
    writeFileSync(path, line("a") + line("b"));
    const one = forward(receiver(limits));
    await expect.poll(() => told.at(-1)).toMatch(/lines were given up/);
    broken = false;
    appendFileSync(path, line("c"));
    await expect.poll(() => texts().at(-1)).toBe("c");
    await one.stop();
  });

  test("are sent also where their position cannot be kept", async () => {
    writeFileSync(path, line("a"));
    const parts = { files: { path, maxFiles: 1 }, receiver: receiver(), from: undefined };
    const report = (text: string) => told.push(text);
    const save = () => Promise.reject(new Error("no space left"));
    const one = new Forwarder({ ...parts, save, alive: () => alive, report });
    await expect.poll(texts).toEqual(["a"]);
    appendFileSync(path, line("b"));
    await expect.poll(texts).toEqual(["a", "b"]);
    await one.stop();
    expect(told).toEqual(["how far was sent: no space left"]);
  });

  test("are left when the container goes and the receiver fails", async () => {
    broken = true;
    writeFileSync(path, line("a"));
    await forward().finish(5000);
    expect(told.at(-1)).toBe("lines were not sent to their receiver: refused");
    expect(saved).toBeUndefined();
  });

  test("are left when the receiver takes none of them and does not answer", async () => {
    writeFileSync(path, line("a"));
    let end: (error: Error) => void = () => undefined;
    const silent = receiver({
      send: () => new Promise((_, reject) => (end = reject)),
      close: () => end(new Error("closed")),
    });
    await forward(silent).finish(50);
    expect(saved).toBeUndefined();
  });

  test("stay readable, and within their number, when they are compressed", async () => {
    for (const text of ["a", "b", "c", "d"]) {
      writeFileSync(path, line(text));
      renameSync(path, `${path}.1`);
      await compressRotated({ path, maxFiles: 3 });
    }
    writeFileSync(path, line("e"));
    const seen: string[] = [];
    const wish = { path, maxFiles: 3, tail: 2, follow: false, alive: () => false };
    for await (const { text } of readLog({ ...wish, signal: AbortSignal.timeout(5000) }))
      seen.push(text.trim());
    expect(seen).toEqual(["d", "e"]);
    const names = readdirSync(folder).filter((name) => name.endsWith(".gz"));
    expect(names.length).toBeLessThanOrEqual(3);
    expect(readdirSync(folder)).not.toContain("log.taken");
  });
});
