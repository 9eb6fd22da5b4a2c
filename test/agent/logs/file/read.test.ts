import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LogRequest, readLog } from "../../../../agent/logs/file/read.ts";

const line = (text: string, second = 1, stream = "stdout") => {
  const time = `2030-01-01T00:00:${String(second).padStart(2, "0")}.000000001Z`;
  return `${JSON.stringify({ log: `${text}\n`, stream, time })}\n`;
};

describe("a log", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "log-"));
    path = join(folder, "x.log");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = async (wish: Partial<LogRequest> = {}) => {
    const texts: string[] = [];
    const request: LogRequest = {
      path,
      maxFiles: 3,
      tail: undefined,
      follow: false,
      alive: () => false,
      signal: new AbortController().signal,
      ...wish,
    };
    for await (const { text } of readLog(request)) texts.push(text.trim());
    return texts;
  };

  test("is empty when there is no file", async () => {
    expect(await read()).toEqual([]);
    expect(await read({ follow: true, tail: 5 })).toEqual([]);
  });

  test("is read across its rotated files, from the oldest", async () => {
    writeFileSync(`${path}.2`, line("a") + line("b"));
    writeFileSync(`${path}.1`, line("c"));
    writeFileSync(path, line("d") + line("e"));
    expect(await read()).toEqual(["a", "b", "c", "d", "e"]);
    expect(await read({ tail: 2 })).toEqual(["d", "e"]);
    expect(await read({ tail: 4 })).toEqual(["b", "c", "d", "e"]);
    expect(await read({ tail: 0 })).toEqual([]);
    expect(await read({ tail: 99 })).toHaveLength(5);
  });

  test("is cut by time", async () => {
    writeFileSync(path, line("a", 1) + line("b", 2) + line("c", 3));
    const at = (time: string) => Number(time.slice(17, 19));
    const since = (time: string) => (at(time) < 2 ? "before" : "wanted");
    const until = (time: string) => (at(time) > 2 ? "after" : "wanted");
    expect(await read({ place: since })).toEqual(["b", "c"]);
    expect(await read({ place: until })).toEqual(["a", "b"]);
  });

  test("leaves out damaged and unfinished lines", async () => {
    writeFileSync(path, `${line("a")}{"log":1}\nnot json\n${line("b")}{"log":"half`);
    expect(await read()).toEqual(["a", "b"]);
  });

  test("keeps the tail of files larger than a block", async () => {
    const many = Array.from({ length: 5000 }, (_, at) => line(`line ${at}`)).join("");
    writeFileSync(path, many);
    expect(await read({ tail: 1500 })).toEqual(
      Array.from({ length: 1500 }, (_, at) => `line ${at + 3500}`),
    );
  });

  test("is followed through rotations until the writer has ended", async () => {
    writeFileSync(path, line("a"));
    let alive = true;
    const seen = read({ follow: true, alive: () => alive });
    await sleep(50);
    appendFileSync(path, line("b"));
    renameSync(path, `${path}.1`);
    writeFileSync(path, line("c"));
    await sleep(50);
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, line("d"));
    await sleep(50);
    appendFileSync(path, line("e"));
    alive = false;
    appendFileSync(path, line("f"));
    expect(await seen).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  test("is left when the reader goes away", async () => {
    writeFileSync(path, line("a"));
    const leaving = new AbortController();
    const seen = read({ follow: true, alive: () => true, signal: leaving.signal });
    await sleep(50);
    leaving.abort();
    expect(await seen).toEqual(["a"]);
  });
});
