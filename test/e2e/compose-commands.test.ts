// The commands that a Compose user's fingers know, over two hosts, with no docker client.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

interface Row {
  host: string;
  service: string;
  name: string;
  state: string;
}

describe.skipIf(reason !== undefined)("commands over all hosts of a project", () => {
  let lab: Lab;
  let project: Project;
  const rows = async (...args: string[]) =>
    JSON.parse(await project.succeed("ps", "--json", "-a", ...args)) as Row[];
  const states = async () =>
    (await rows()).map(({ host, service, state }) => `${host} ${service} ${state}`).sort();

  beforeAll(async () => {
    lab = await Lab.open(2);
    project = new Project(lab);
    const hosts = ["h1", "h2"].map((name) => hostEntry(lab, lab.host(name)));
    project.compose(`name: cmd
x-fairlead: { hosts: { ${hosts.join(", ")} }, host: h1 }
x-image: &image
  image: lab/busybox:1
  x-fairlead: { image: { rootfs: ./rootfs } }
  stop_grace_period: 0s
services:
  web:
    <<: *image
    command: [httpd, -f, -p, "80", -h, /tmp]
    ports: ["8080:80"]
    volumes: ["data:/data"]
    environment: { COLOUR: blue }
    depends_on: [base]
    post_start: [{ command: [sh, -c, "echo started >> /tmp/hooks"] }]
    pre_stop: [{ command: [sh, -c, "echo stopping >> /tmp/hooks"] }]
  base:
    <<: *image
    command: [sh, -c, "trap 'exit 3' HUP; while :; do sleep 0.1; done"]
    x-fairlead: { image: { rootfs: ./rootfs }, host: h2 }
volumes: { data: }
`);
    await project.succeed("up", "-d", "--wait");
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  test.each([
    ["stop -t 0", ["h1 web exited", "h2 base exited"]],
    ["start", ["h1 web running", "h2 base running"]],
    ["pause web", ["h1 web paused", "h2 base running"]],
    ["unpause", ["h1 web running", "h2 base running"]],
    ["kill -s HUP base", ["h1 web running", "h2 base exited"]],
    ["restart -t 0 base", ["h1 web running", "h2 base running"]],
    ["stop -t 0 base", ["h1 web running", "h2 base exited"]],
    ["rm -f base", ["h1 web running"]],
    ["create base", ["h1 web running", "h2 base created"]],
    ["up --no-deps base", ["h1 web running", "h2 base running"]],
  ])("%s", async (line, expected) => {
    await project.succeed(...line.split(" "));
    if (line.includes("HUP")) await project.succeed("wait", "base").catch(() => {});
    expect(await states()).toEqual(expected);
  });

  test("hooks run with start, stop, restart; a failing one keeps the container up", async () => {
    const told = () => project.succeed("exec", "web", "cat", "/tmp/hooks");
    await project.succeed("exec", "web", "rm", "/tmp/hooks");
    await project.succeed("restart", "-t", "0", "web");
    expect(await told()).toBe("stopping\nstarted\n");
    await project.succeed("stop", "-t", "0", "web");
    await project.succeed("start", "web");
    expect(await told()).toBe("stopping\nstarted\nstopping\nstarted\n");
    await project.succeed("start", "web");
    await project.succeed("exec", "web", "sh", "-c", "rm /tmp/hooks && mkdir /tmp/hooks");
    const { code, stderr } = await project.fairlead("stop", "web");
    expect([code, stderr]).toEqual([1, expect.stringContaining("the pre-stop hook")]);
    expect(await states()).toContain("h1 web running");
    await project.succeed("exec", "web", "rmdir", "/tmp/hooks");
  });

  test("wait tells how each ended, and ends with the first code that is not 0", async () => {
    await project.succeed("kill", "-s", "HUP", "base");
    const { code, stdout } = await project.fairlead("wait", "base", "--json");
    expect([code, JSON.parse(stdout)]).toMatchObject([3, [{ host: "h2", exitCode: 3 }]]);
    await project.succeed("start", "base");
  });

  test("run makes a container of its own, with what the service has", async () => {
    const shown = 'echo "$COLOUR $SIZE $(id -u) $(pwd)"; ls /data; exit 5';
    const run = ["run", "--rm", "-e", "SIZE=9", "-u", "7", "-w", "/tmp", "web", "sh", "-c", shown];
    const { code, stdout } = await project.fairlead(...run);
    expect([code, stdout]).toEqual([5, "blue 9 7 /tmp\n"]);
    expect((await rows()).map(({ service }) => service).sort()).toEqual(["base", "web"]);
    await project.succeed("run", "-d", "--name", "once", "web", "sleep", "100");
    expect(await states()).toContain("h1 web running");
    expect((await rows()).some(({ name }) => name === "once")).toBe(true);
    await project.succeed("down", "web", "--yes");
    await project.succeed("up", "-d", "--remove-orphans", "--yes");
    expect((await rows()).map(({ name }) => name).sort()).toEqual(["cmd-base-1", "cmd-web-1"]);
  });

  test("cp brings files both ways, and takes nothing for a path but what it is", async () => {
    project.write("page.html", "hello\n");
    await project.succeed("cp", "page.html", "web:/tmp/index.html");
    expect(await project.succeed("exec", "web", "cat", "/tmp/index.html")).toBe("hello\n");
    mkdirSync(join(project.folder, "out"));
    await project.succeed("exec", "web", "sh", "-c", "mkdir -p /tmp/d/e; echo x > /tmp/d/e/f");
    await project.succeed("cp", "web:/tmp/d", "out");
    expect(readFileSync(join(project.folder, "out/d/e/f"), "utf8")).toBe("x\n");
    await project.succeed("exec", "web", "sh", "-c", "cd /tmp && mkdir l && ln -s /tmp l/out");
    await project.succeed("cp", "web:/tmp/l", "out");
    await project.succeed(
      "exec",
      "web",
      "sh",
      "-c",
      "cd /tmp && rm -r l/out && mkdir l/out && touch l/out/pwned",
    );
    const { code, stderr } = await project.fairlead("cp", "web:/tmp/l", "out");
    expect([code, stderr]).toEqual([1, expect.stringContaining("is a link")]);
    expect(existsSync("/tmp/pwned")).toBe(false);
  });

  test("port, top, stats, images, volumes and ls tell of all hosts", async () => {
    expect(await project.succeed("port", "web", "80")).toMatch(/^(0.0.0.0|\[::\]):8080$/m);
    const top = JSON.parse(await project.succeed("top", "--json")) as { host: string }[];
    expect(top.map(({ host }) => host).sort()).toEqual(["h1", "h2"]);
    const stats = JSON.parse(await project.succeed("stats", "--no-stream", "--json"));
    expect(stats).toHaveLength(2);
    expect(stats[0]).toMatchObject({
      memoryBytes: expect.any(Number),
      processes: expect.any(Number),
    });
    expect(await project.succeed("images")).toMatch(/h1 +cmd-web-1 +lab\/busybox:1 +sha256:/);
    expect(await project.succeed("volumes", "-q")).toBe("cmd_data\n");
    expect(await project.succeed("ls")).toMatch(/cmd +h1 +running\(1\)/);
    expect(await project.succeed("ps", "--services")).toBe("base\nweb\n");
    const format = "{{.Host}} {{.Name}} {{.State}}";
    expect(await project.succeed("ps", "--format", format)).toBe(
      "h2 cmd-base-1 running\nh1 cmd-web-1 running\n",
    );
    expect(await project.succeed("ps", "--format", "table {{.Name}}\\t{{.Health}}")).toMatch(
      /^NAME +HEALTH\ncmd-base-1\ncmd-web-1\n$/,
    );
  });

  test("scale and up --scale change the number of containers", async () => {
    await project.succeed("scale", "base=3", "--yes");
    expect((await rows("base")).map(({ name }) => name).sort()).toEqual([
      ...["cmd-base-1", "cmd-base-2", "cmd-base-3"],
    ]);
    await project.succeed("up", "--scale", "base=1", "--remove-orphans", "--yes");
    expect(await rows("base")).toHaveLength(1);
    expect((await project.fairlead("up", "--scale", "nope=2")).stderr).toContain("no service nope");
  });

  test("events tell what happens, as it happens", async () => {
    const events = project.start("events", "--json", "web");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await project.succeed("restart", "-t", "0", "web");
    await events.said(/"action":"start","service":"web"/);
    process.kill(events.pid, "SIGINT");
    expect((await events.done).code).toBe(130);
  });

  test("a service that is placed on another host moves there, and runs nowhere twice", async () => {
    const file = project.read("compose.yaml");
    project.compose(file.replace(/, host: h2 }/, ", host: h1 }"));
    expect(await project.succeed("plan")).toMatch(/- container\s+base\s+remove\s+moves to h1/);
    await project.succeed("up");
    expect((await states()).filter((one) => one.includes("base"))).toEqual(["h1 base running"]);
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("down -v --rmi takes everything away", async () => {
    await project.succeed("down", "-v", "--rmi", "all", "--yes", "-t", "0");
    expect(await rows()).toEqual([]);
    expect(await project.succeed("volumes", "-q")).toBe("");
    expect(await lab.ssh(lab.host("h1"), "ls /var/lib/fairlead/volumes")).toBe("");
  });
});
