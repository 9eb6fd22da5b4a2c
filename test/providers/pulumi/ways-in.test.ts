// How the plugin gets to where Pulumi looks for it, and that it starts at once.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";

const STARTER = "pulumi-resource-fairlead";
const MOST_MS = 250;
const ATTEMPTS = 8;
const busy = loadavg()[0]! / cpus().length > 2;
if (busy) console.log("skipped: the machine is too busy to time how fast the plugin starts");

/** Milliseconds until the plugin has said its port. */
async function startMs(): Promise<number> {
  const begin = performance.now();
  const child = spawn(resolve("dist", STARTER), ["127.0.0.1:1"]);
  await new Promise((done) => child.stdout.once("data", done));
  const took = performance.now() - begin;
  child.kill();
  return took;
}

describe("the plugin", { timeout: 120_000 }, () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "fairlead-home-"));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test.skipIf(busy)(`starts in less than ${MOST_MS} ms`, async () => {
    let best = Number.POSITIVE_INFINITY;
    for (let at = 0; at < ATTEMPTS; at++) best = Math.min(best, await startMs());
    expect(best).toBeLessThan(MOST_MS);
  });

  test("is installed by the command, and by it again with --force only", () => {
    const install = (...more: string[]) => {
      const args = ["dist/fairlead.js", "pulumi", "install", ...more];
      const env = { ...process.env, PULUMI_HOME: home };
      return execFileSync(process.execPath, args, { env, encoding: "utf8" });
    };
    expect(install()).toContain("installed in");
    const folder = join(home, "plugins/resource-fairlead-v0.1.0");
    for (const file of [STARTER, "pulumi-provider.mjs", "bundle"]) {
      expect(existsSync(join(folder, file))).toBe(true);
    }
    expect(install()).toContain("is already in");
    expect(install("--force")).toContain("installed in");
  });

  test("is installed by a program that imports the SDK", async () => {
    const program = new Program();
    try {
      program.says("exports.kind = typeof fairlead.Host + pulumi.getStack();");
      const { errors, exports } = await new TestEngine().preview(program);
      expect(errors).toEqual([]);
      expect(exports.kind).toBe("functiontest");
      const folder = join(program.folder, "home/plugins/resource-fairlead-v0.1.0");
      expect(existsSync(join(folder, STARTER))).toBe(true);
    } finally {
      program.remove();
    }
  });
});
