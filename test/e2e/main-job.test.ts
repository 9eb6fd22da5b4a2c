import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { eventually, run } from "../lab/shell.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("the main job on two bare hosts", () => {
  let lab: Lab;
  let project: Project;
  const url = () => `http://${lab.host("h1").address}:8080/`;
  const page = async () => (await fetch(url(), { signal: AbortSignal.timeout(5000) })).text();
  const write = (changes: { web?: string; worker?: string } = {}) =>
    project.compose(compose(lab, changes.web ?? "", changes.worker ?? ""));
  const onHost = (name: string, command: string) => lab.ssh(lab.host(name), command);

  beforeAll(async () => {
    lab = await Lab.open(2);
    project = new Project(lab);
    write();
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  test("plan says what will be made, and makes nothing", async () => {
    const plan = await project.fairlead("plan", "--detailed-exitcode");
    expect(plan.stderr).toBe("");
    expect(plan.code).toBe(2);
    expect(plan.stdout).toMatch(/\+ container\s+web/);
    expect(await onHost("h1", "ls /opt /var/lib | grep fairlead || true")).toBe("");
  });

  test("up on cold hosts installs the agent and starts everything", async () => {
    await project.succeed("up", "--yes");
    expect(await page()).toContain("Hello from fairlead");
    expect(await onHost("h1", "systemctl is-active fairlead")).toBe("active\n");
    for (const localhost of ["127.0.0.1", "::1"])
      expect(await lab.ask(lab.host("h1"), localhost, 8080)).toContain("Hello from fairlead");
  });

  test("a second up changes nothing and writes nothing on the hosts", async () => {
    const marks = "touch /run/mark; sleep 0.1";
    await Promise.all(["h1", "h2"].map((name) => onHost(name, marks)));
    const output = await project.succeed("up", "--yes");
    expect(output).toMatch(/no changes/i);
    const written = "find /opt /etc /var/lib/fairlead /run/fairlead -newer /run/mark -type f";
    for (const name of ["h1", "h2"]) {
      // What containers themselves write (logs, health records) goes on whatever we do.
      const own = `${written} | grep -vE 'bundle/state.json|\\.log$' || true`;
      expect(await onHost(name, own)).toBe("");
    }
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("a deploy user with sudo sees the same", async () => {
    project.write(
      "deploy.yaml",
      project.read("compose.yaml").replaceAll("user: root", "user: deploy"),
    );
    expect((await project.fairlead("-f", "deploy.yaml", "plan", "--detailed-exitcode")).code).toBe(
      0,
    );
  });

  test("ps, logs and exec see every host, or the one that is named", async () => {
    type Row = { host: string; service: string };
    const rows = async (...args: string[]) =>
      (JSON.parse(await project.succeed("ps", "--json", ...args)) as Row[])
        .map(({ host, service }) => `${host} ${service}`)
        .sort();
    expect(await rows()).toEqual(["h1 web", "h2 worker"]);
    expect(await rows("--host", "h2")).toEqual(["h2 worker"]);
    const line = JSON.parse(await project.succeed("logs", "--json", "--tail", "1", "worker"));
    expect(line).toMatchObject({ host: "h2", service: "worker", from: "stdout" });
    const follow = project.start("logs", "-f", "--no-log-prefix", "worker");
    await follow.said(/UTC[\s\S]*UTC/);
    process.kill(follow.pid, "SIGINT");
    expect((await follow.done).code).toBe(130);
    const typed = project.startOnTerminal("exec", "-it", "web", "sh", "-c", "tty; exit 4");
    const { code, stdout } = await typed.done;
    expect([code, stdout]).toEqual([4, expect.stringMatching(/^\/dev\/pts\/\d+\r\n$/)]);
  });

  test("a tunnel is a local socket for any client of Docker, until Ctrl-C", async () => {
    const socket = `${project.folder}/h2.sock`;
    const tunnel = project.start("tunnel", "h2", "--socket", socket);
    await eventually("the socket is there", 20_000, async () => existsSync(socket));
    const names = await run("docker", "-H", `unix://${socket}`, "ps", "--format", "{{.Names}}");
    expect(names).toBe("main-worker-1\n");
    process.kill(tunnel.pid, "SIGINT");
    await tunnel.done;
    expect(existsSync(socket)).toBe(false);
  });

  test("a profile adds its services, and a dry run makes none of them", async () => {
    const text = `${project.read("compose.yaml")}`.replace(
      "services:",
      "services:\n  extra: { image: lab/busybox:1, profiles: [more], x-fairlead: { host: h2 } }",
    );
    project.write("profile.yaml", text);
    const files = ["-f", "profile.yaml"];
    expect(await project.succeed(...files, "plan")).toMatch(/no changes/i);
    const dry = await project.succeed(...files, "--profile", "more", "up", "--dry-run", "--json");
    const { plan } = JSON.parse(dry);
    expect(plan.operations).toMatchObject([{ action: "create", kind: "container", name: "extra" }]);
    expect(await project.succeed("ps", "-a")).not.toContain("extra");
  });

  test("a limit is changed in place", async () => {
    const pid = await project.succeed("exec", "web", "sh", "-c", "cat /proc/uptime; hostname");
    expect(pid).not.toBe("");
    const before = await containerId("web");
    write({ web: "cpus: 0.5\n    mem_limit: 64m" });
    expect((await project.succeed("plan")).includes("~ container")).toBe(true);
    await project.succeed("up", "--yes");
    expect(await containerId("web")).toBe(before);
    expect(await inspect("h1", "main-web-1", "{{.HostConfig.Memory}}")).toBe(String(64 << 20));
  });

  test("a changed command replaces the container", async () => {
    const before = await containerId("worker", "h2");
    write({ web: "cpus: 0.5\n    mem_limit: 64m", worker: "environment: { COLOUR: blue }" });
    await project.succeed("up", "--yes");
    expect(await containerId("worker", "h2")).not.toBe(before);
    const colour = await project.succeed("exec", "worker", "sh", "-c", "echo $COLOUR");
    expect(colour).toBe("blue\n");
  });

  const docker = (host: string, ...args: string[]) =>
    project.succeed("docker", "--host", host, "--", ...args);
  test.each<[string, () => Promise<string>]>([
    ["stopped", () => docker("h1", "stop", "-t", "1", "main-web-1")],
    ["given other limits", () => docker("h1", "update", "--cpus", "0.25", "main-web-1")],
    ["removed", () => docker("h2", "rm", "-f", "main-worker-1")],
  ])("a container that was %s by hand is seen and repaired", async (_what, drift) => {
    await drift();
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(2);
    await project.succeed("up", "--yes");
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
    expect(await page()).toContain("Hello from fairlead");
  });

  test("kill -9 of the agent leaves the containers running; the next agent has them", async () => {
    const before = await containerId("web");
    const pids = await onHost("h1", "pidof fairlead-runtime");
    await onHost("h1", "kill -9 $(systemctl show -p MainPID --value fairlead)");
    expect(await page()).toContain("Hello from fairlead");
    await eventually("the agent is back", 20_000, async () => {
      return (await onHost("h1", "systemctl is-active fairlead || true")) === "active\n";
    });
    expect(await onHost("h1", "pidof fairlead-runtime")).toBe(pids);
    expect(await containerId("web")).toBe(before);
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("after a power cycle what should run runs", async () => {
    await lab.host("h1").reboot();
    await eventually("the page answers", 30_000, () =>
      page().then(
        (text) => text.includes("Hello"),
        () => false,
      ),
    );
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("down removes everything but volumes, then the volumes too", async () => {
    await project.succeed("down", "--yes");
    expect(await onHost("h1", "ls /var/lib/fairlead/volumes")).toMatch(/main_pages/);
    await project.succeed("down", "--yes", "--volumes");
    expect(
      await onHost("h1", "ls /var/lib/fairlead/containers /var/lib/fairlead/volumes | grep -v :$"),
    ).toMatch(/^\s*$/);
  });

  test.each(["h1", "h2"])("uninstall leaves nothing on %s", async (name) => {
    await project.succeed("host", "uninstall", "--yes", name);
    const traces = [
      "ls -d /opt/fairlead /run/fairlead /var/lib/fairlead 2>/dev/null",
      "pidof node fairlead-runtime",
      'grep -E " /(run|var/lib)/fairlead" /proc/mounts',
      "systemctl cat fairlead 2>/dev/null",
    ];
    expect(await onHost(name, `${traces.join("; ")}; true`)).toBe("");
  });

  async function containerId(service: string, host = "h1"): Promise<string> {
    return inspect(host, `main-${service}-1`, "{{.Id}}");
  }

  async function inspect(host: string, name: string, format: string): Promise<string> {
    const command = ["inspect", "-f", format, name];
    return (await project.succeed("docker", "--host", host, "--", ...command)).trim();
  }
});

function compose(lab: Lab, web: string, worker: string): string {
  return `
name: main
x-fairlead:
  hosts:
    ${hostEntry(lab, lab.host("h1"))}
    ${hostEntry(lab, lab.host("h2"))}
services:
  web:
    image: lab/busybox:1
    x-fairlead: { host: h1, image: { rootfs: ./rootfs } }
    command: [httpd, -f, -h, /srv]
    ports: ["8080:80"]
    volumes: ["pages:/srv"]
    restart: unless-stopped
    ${web}
  worker:
    image: lab/busybox:1
    x-fairlead: { host: h2, image: { rootfs: ./rootfs } }
    command: [sh, -c, "while true; do date; sleep 1; done"]
    stop_grace_period: 1s
    restart: always
    ${worker}
volumes:
  pages:
    x-fairlead: { host: h1 }
`;
}
