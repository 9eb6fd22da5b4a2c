// How the plugin gets to where Pulumi looks for it, and what a program gets from the SDK.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";

const STARTER = "pulumi-resource-fairlead";

describe("the plugin", { timeout: 120_000 }, () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "fairlead-home-"));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

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

  test("leaves the program its call stacks, also of what is wrong with a resource", async () => {
    const program = new Program();
    try {
      program.says(`
exports.before = Error.stackTraceLimit;
try { new fairlead.Host("", { connection: { host: "local" } }); }
catch (error) { exports.stack = error.stack; }
new fairlead.Host("here", { connection: { host: "local" } });
exports.after = Error.stackTraceLimit;`);
      const { errors, exports } = await new TestEngine().preview(program);
      expect(errors).toEqual([]);
      expect(exports.stack).toContain("index.js");
      expect(exports.after).toBe(exports.before);
    } finally {
      program.remove();
    }
  });
});
