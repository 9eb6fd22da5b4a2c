// The package as npm, pnpm and yarn install it: a program that imports the SDK deploys with the
// plugin that came along, and a machine that runs no program gets it from the command.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerHost, whyNoDockerd } from "../docker-host.ts";
import { Program } from "../engine/program.ts";
import { PulumiHome, whyNoPulumi } from "./pulumi.ts";

const why = whyNoPulumi() ?? whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

const MANAGERS = {
  npm: ["npm", "install", "--no-audit", "--no-fund"],
  pnpm: ["npx", "-y", "pnpm@9", "add"],
  yarn: ["npx", "-y", "yarn@1", "add", "--silent"],
};

describe.skipIf(why !== undefined)("the package", { timeout: 900_000 }, () => {
  const docker = new DockerHost();
  const home = new PulumiHome();
  let folder: string;
  let packed: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fairlead-packed-"));
    const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
    execFileSync("npm", pack, { stdio: "pipe", cwd: resolve(".") });
    packed = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!);
    await docker.start();
    await home.prepare();
  }, 600_000);
  afterAll(async () => {
    await docker.stop();
    home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(Object.entries(MANAGERS))("works under %s", async (name, [command, ...args]) => {
    const program = new Program({ installed: false });
    const cwd = program.folder;
    const plugins = join(home.env.PULUMI_HOME!, "plugins");
    const plugin = join(plugins, "resource-fairlead-v0.1.0/pulumi-provider.mjs");
    try {
      const wanted = [packed, "@pulumi/pulumi@3.248.0"];
      execFileSync(command!, [...args, ...wanted], { cwd, stdio: "pipe" });
      rmSync(plugins, { recursive: true, force: true });
      docker.says('new fairlead.Container("web", quick);', program);
      await home.succeed(cwd, "stack", "init", name);
      await home.succeed(cwd, "up", "--skip-preview");
      expect(await docker.names()).toEqual([expect.stringMatching(/^web-/)]);
      expect(existsSync(plugin)).toBe(true);
      rmSync(plugins, { recursive: true, force: true });
      const env = { ...process.env, ...home.env };
      execFileSync("npx", ["fairlead", "pulumi", "install"], { cwd, env, stdio: "pipe" });
      await home.succeed(cwd, "destroy", "--skip-preview");
      expect(await docker.names()).toEqual([]);
    } finally {
      program.remove();
    }
  });
});
