// A run of the real engine that is killed with the creation of a container under way: the plugin
// ends with it, and the next run takes over what is there.
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../lab/shell.ts";
import { DockerHost, whyNoDockerd } from "../docker-host.ts";
import { PulumiHome, whyNoPulumi } from "./pulumi.ts";

const why = whyNoPulumi() ?? whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

const SLOW = `new fairlead.Container("slow", { ...quick, name: "slow",
  healthcheck: { test: ["CMD", "test", "-e", "/ready"], interval: "1s", startPeriod: "10m" } });`;

describe.skipIf(why !== undefined)("a killed run", { timeout: 300_000 }, () => {
  const host = new DockerHost();
  const home = new PulumiHome();
  beforeAll(async () => {
    await host.start();
    await home.prepare();
  });
  afterAll(async () => {
    await host.stop();
    home.remove();
  });
  const ids = () => host.docker.docker("ps", "-a", "-q", "--no-trunc");

  test("leaves a container that the next run takes over", async () => {
    const { folder } = host.says(SLOW);
    await home.succeed(folder, "stack", "init", "test");
    const env = { ...process.env, ...home.env };
    const run = spawn(home.command, ["up", "--skip-preview", "--non-interactive"], {
      ...{ cwd: folder, env, stdio: "ignore" },
    });
    const ended = new Promise((done) => run.once("exit", done));
    try {
      await eventually("the container runs", 60_000, async () => {
        return (await host.docker.docker("ps", "--format", "{{.Names}}")).trim() === "slow";
      });
    } finally {
      run.kill("SIGKILL");
      await ended;
    }
    const left = await ids();
    await host.docker.docker("exec", "slow", "touch", "/ready");
    await home.succeed(folder, "cancel", "--yes");
    await home.succeed(folder, "up", "--skip-preview");
    expect(await ids()).toBe(left);
    await home.succeed(folder, "up", "--skip-preview", "--expect-no-changes");
    await home.succeed(folder, "destroy", "--skip-preview");
    expect(await host.names()).toEqual([]);
  });
});
