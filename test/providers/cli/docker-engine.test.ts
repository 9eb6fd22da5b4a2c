// The whole command against a real engine: Debian's dockerd with its own data and network.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { BuiltCommand, outcomeOf } from "./built-command.ts";

const reason = whyNoDockerd();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("a project on dockerd", () => {
  let engine: DockerEngine;
  let command: BuiltCommand;

  beforeAll(async () => {
    engine = new DockerEngine();
    await engine.start();
    writeFileSync(join(engine.rootfs, "srv/index.html"), "hello\n");
    command = new BuiltCommand();
    write();
  });
  afterAll(async () => {
    command?.remove();
    await engine?.stop();
  });

  const write = (web = "") =>
    command.write(
      "compose.yaml",
      `name: shop
x-fairlead: { hosts: { here: "unix://${engine.socket}" } }
x-image: &image
  image: shop/busybox:1
  x-fairlead: { image: { rootfs: ${engine.rootfs} } }
  stop_grace_period: 1s
services:
  web:
    <<: *image
    command: [sh, -c, "echo served; exec httpd -f -h /srv"]
    environment: { MODE: one }
    secrets: [token]
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, "http://127.0.0.1/"], interval: 1s }
    ${web}
  client:
    <<: *image
    command: [sh, -c, "wget -q -O - http://web/; echo; sleep 1000"]
    depends_on: { web: { condition: service_healthy } }
secrets: { token: { environment: TOKEN } }
volumes: { data: }
`,
    );
  const fairlead = (...args: string[]) =>
    outcomeOf(command.start(args, { TOKEN: "s3cr3t", NO_COLOR: "1" }));
  const succeed = async (...args: string[]) => {
    const { code, stdout, stderr } = await fairlead(...args);
    if (code !== 0) throw new Error(`fairlead ${args.join(" ")}: ${code}\n${stdout}\n${stderr}`);
    return stdout;
  };

  it("is planned without touching anything", async () => {
    const { code, stdout } = await fairlead("plan", "--detailed-exitcode");
    expect(code).toBe(2);
    expect(stdout).toMatch(/\+ container +web +create/);
    expect(stdout).toContain("Nothing has been changed yet.");
    expect(await engine.docker("ps", "-aq")).toBe("");
    const dry = await succeed("up", "--dry-run", "--json");
    expect(JSON.parse(dry).plan.operations.length).toBeGreaterThan(3);
  });

  it("is brought up, and a second up has nothing to do", async () => {
    const { code, stdout, stderr } = await fairlead("up", "--yes");
    expect(stderr).toMatch(/container web created/);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Done: \d+ steps/)]);
    expect(stdout + stderr).not.toContain("s3cr3t");
    expect(await succeed("up", "--yes")).toContain("No changes");
    expect((await fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  it("is listed, also for programs, and Docker's tools know it as a Compose project", async () => {
    expect(await succeed("ps")).toMatch(/here +shop-web-1 +web +shop\/busybox:1 +Up/);
    const [client] = JSON.parse(await succeed("ps", "--json"));
    expect(client).toMatchObject({ host: "here", service: "client", state: "running" });
    const filter = "label=com.docker.compose.project=shop";
    const names = await engine.docker("ps", "--filter", filter, "--format", "{{.Names}}");
    expect(names.trim().split("\n").sort()).toEqual(["shop-client-1", "shop-web-1"]);
  });

  it("gives its logs, which are sanitised only for a terminal", async () => {
    expect(await succeed("logs", "web")).toBe("web-1 | served\n");
    expect(await succeed("logs", "--no-log-prefix", "--tail", "2", "client")).toBe("hello\n\n");
    const line = JSON.parse((await succeed("logs", "--json", "web")).trim());
    expect(line).toMatchObject({ host: "here", service: "web", from: "stdout", line: "served" });
    const follow = command.start(["logs", "-f", "web"], { TOKEN: "s3cr3t" });
    const done = outcomeOf(follow);
    await new Promise((resolve) => follow.stdout?.once("data", resolve));
    follow.kill("SIGINT");
    expect((await done).code).toBe(130);
  });

  it("runs commands in its containers, with their output and exit code", async () => {
    expect(await succeed("exec", "web", "cat", "/run/secrets/token")).toBe("s3cr3t");
    const failed = await fairlead("exec", "web", "sh", "-c", "echo out; echo err >&2; exit 7");
    expect(failed).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    const json = await fairlead("exec", "--json", "-e", "A=b", "web", "sh", "-c", "echo $A");
    expect(JSON.parse(json.stdout)).toEqual({ exitCode: 0, stdout: "b\n", stderr: "" });
  });

  it("can be reached with the docker command", async () => {
    expect(await succeed("docker", "--", "ps", "-q")).toMatch(/^[0-9a-f]{12}\n/);
    expect((await fairlead("docker", "--", "inspect", "nothing")).code).toBe(1);
    expect(await succeed("host", "ls")).toMatch(/here +unix:\/\/.* +docker +20\.10/);
    expect(JSON.parse(await succeed("host", "info", "here", "--json")).engine).toBe("docker");
  });

  it("is changed in place or replaced, as the plan says before", async () => {
    write("mem_limit: 64m");
    expect(await succeed("plan")).toMatch(/~ container +web +update +mem_limit none -> 64m/);
    await succeed("up", "--yes");
    write("mem_limit: 64m\n    labels: { a: b }");
    const { plan } = JSON.parse(await succeed("up", "--dry-run", "--json"));
    const [operation] = plan.operations;
    expect(operation).toMatchObject({ action: "replace", kind: "container", name: "web" });
    await succeed("up", "--yes");
    expect((await fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  it("fails with the evidence when a container does not become healthy", async () => {
    write("labels: { a: c }\n    entrypoint: [sh, -c, 'echo no such page; exit 3']");
    const { code, stderr } = await fairlead("up", "--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(/container web (replace|create) failed/);
    expect(stderr).toContain("exit code: 3");
    expect(stderr).toContain("| no such page");
    write("mem_limit: 64m\n    labels: { a: b }");
    await succeed("up", "--yes");
  });

  it("goes down, and its volume only when asked", async () => {
    const down = await succeed("down", "--yes");
    expect(down).toContain("- container");
    expect(await engine.docker("volume", "ls", "-q")).toContain("shop_data");
    await succeed("down", "--yes", "--volumes");
    expect(await engine.docker("volume", "ls", "-q")).toBe("");
    expect(await engine.docker("ps", "-aq")).toBe("");
    expect(await succeed("down", "--yes")).toContain("No changes");
  });
});
