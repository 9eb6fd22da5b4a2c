import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { eventually, makeShimLab, whyNot } from "./shim-lab.ts";

const reason = whyNot();
describe.skipIf(reason)(`the log of a shim${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  afterAll(() => lab.clean());

  test("both streams become Docker's lines, in order, with times", async () => {
    const box = lab.specimen({ run: "echo one; sleep 0.05; echo two >&2; sleep 0.05; printf end" });
    await box.begin();
    await box.ended();
    const lines = box.log();
    expect(lines.map(({ log, stream }) => [log, stream])).toEqual([
      ["one\n", "stdout"],
      ["two\n", "stderr"],
      ["end", "stdout"],
    ]);
    for (const { time } of lines) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
      expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
    }
  });

  test("odd bytes stay valid JSON: quotes, controls, markup, broken UTF-8", async () => {
    const box = lab.specimen({
      run: String.raw`printf '"\\\t\033[1m<&>\n'; printf 'caf\303\251\n'; printf '\377\300x\n'`,
    });
    await box.begin();
    await box.ended();
    expect(box.log().map(({ log }) => log)).toEqual([
      '"\\\t\u001b[1m<&>\n',
      "café\n",
      "\ufffd\ufffdx\n",
    ]);
  });

  test("a line beyond 16 KiB is split there, and nothing is lost", async () => {
    const box = lab.specimen({ run: "head -c 40000 /dev/zero | tr '\\0' a; echo; echo after" });
    await box.begin();
    await box.ended();
    const lines = box.log().map(({ log }) => log);
    expect(lines.map((line) => line.length)).toEqual([16384, 16384, 7233, 6]);
    expect(lines.join("")).toBe(`${"a".repeat(40000)}\nafter\n`);
  });

  test("rotation keeps the files within their size and number, each line whole", async () => {
    const box = lab.specimen({ run: "for i in $(seq 1 2000); do echo line $i; done" });
    const log = { driver: "json-file", path: box.logPath, maxSizeBytes: 10_000, maxFiles: 3 };
    box.rewrite({ log: log as never });
    await box.begin();
    await box.ended();
    const files = readdirSync(box.bundle).filter((name) => name.startsWith("log.json"));
    expect(files.sort()).toEqual(["log.json", "log.json.1", "log.json.2"]);
    for (const file of files) {
      expect(statSync(`${box.bundle}/${file}`).size).toBeLessThanOrEqual(10_000);
    }
    expect(box.log().at(-1)?.log).toBe("line 2000\n");
  });

  test("a flood neither blocks the container nor loses a line", async () => {
    const box = lab.specimen({ run: "yes | head -n 300000; echo done >&2" });
    await box.begin();
    await eventually("the flood's end", () => box.saved().status === "exited", 30_000);
    const lines = box.log();
    expect(lines.filter(({ stream }) => stream === "stdout")).toHaveLength(300_000);
    expect(lines.filter(({ stream }) => stream === "stderr")).toHaveLength(1);
  });

  test("a full disk costs log lines, not the container; the log says so later", async () => {
    const small = `${lab.folder}/small`;
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
    try {
      const box = lab.specimen({ run: "yes 0123456789 | head -n 20000; sleep 1.5; echo after" });
      const path = `${small}/log.json`;
      box.rewrite({ log: { driver: "json-file", path, maxSizeBytes: 0, maxFiles: 1 } });
      await box.begin();
      await sleep(1000);
      const full = readFileSync(path, "utf8");
      expect(full.endsWith("}\n")).toBe(true);
      writeFileSync(path, full.slice(0, full.indexOf("\n") + 1));
      expect(await box.ended()).toMatchObject({ exitCode: 0 });
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      const logs = lines.map((line) => JSON.parse(line).log as string);
      expect(logs.at(-2)).toMatch(
        /^fairlead: \d+ log lines were dropped: No space left on device\n$/,
      );
      expect(logs.at(-1)).toBe("after\n");
    } finally {
      execFileSync("umount", ["-l", small]);
    }
  });

  test("with the driver none nothing is written", async () => {
    const box = lab.specimen({ run: "echo hello" });
    const log = { driver: "none", path: box.logPath, maxSizeBytes: 0, maxFiles: 1 };
    box.rewrite({ log: log as never });
    await box.begin();
    await box.ended();
    expect(readdirSync(box.bundle)).not.toContain("log.json");
  });
});
