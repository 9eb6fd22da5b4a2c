// The package as npm, pnpm and yarn install it: a program that imports the SDK finds its plugin.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestEngine } from "../engine/engine.ts";
import { Program } from "../engine/program.ts";

const why = process.env.FAIRLEAD_TEST_PULUMI ? undefined : "npm run test:pulumi runs it";
if (why) console.log(`skipped: ${why}`);

const MANAGERS = {
  npm: ["npm", "install", "--no-audit", "--no-fund"],
  pnpm: ["npx", "-y", "pnpm@9", "add"],
  yarn: ["npx", "-y", "yarn@1", "add", "--silent"],
};

describe.skipIf(why !== undefined)("the package", { timeout: 900_000 }, () => {
  let folder: string;
  let packed: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fairlead-packed-"));
    const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
    execFileSync("npm", pack, { stdio: "pipe", cwd: resolve(".") });
    packed = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(MANAGERS))("works under %s", async (_name, [command, ...args]) => {
    const program = new Program({ installed: false });
    try {
      const wanted = [packed, "@pulumi/pulumi@3.248.0"];
      execFileSync(command!, [...args, ...wanted], { cwd: program.folder, stdio: "pipe" });
      program.says('new fairlead.Host("here", { connection: { host: "local" } });');
      const { errors, steps } = await new TestEngine().preview(program);
      expect(errors).toEqual([]);
      expect(steps).toEqual(["create Host here"]);
      const plugins = join(program.folder, "home/plugins/resource-fairlead-v0.1.0");
      expect(existsSync(join(plugins, "pulumi-provider.mjs"))).toBe(true);
    } finally {
      program.remove();
    }
  });
});
