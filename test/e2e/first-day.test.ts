// What a new user's first projects run into: a service that fails, an engine's socket, variables.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("a first project on a bare host", () => {
  let lab: Lab;
  let project: Project;
  const onHost = (command: string) => lab.ssh(lab.host("h1"), command);

  beforeAll(async () => {
    lab = await Lab.open(1);
    project = new Project(lab);
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  /** A project of these services, which are all of one image. */
  const write = (services: string) =>
    project.compose(`name: day
x-fairlead: { hosts: { ${hostEntry(lab, lab.host("h1"))} } }
x-image: &image
  image: lab/busybox:1
  x-fairlead: { image: { rootfs: ./rootfs } }
  stop_grace_period: 1s
services:
${services}`);
  const service = (name: string, rest: string) =>
    `  ${name}:\n    <<: *image\n    ${rest.replaceAll("\n", "\n    ")}\n`;

  test("what does not depend on a service that exits goes on", async () => {
    write(
      service("base", "command: [sh, -c, 'echo the reason; exit 7']") +
        service(
          "next",
          "command: [sleep, '1000']\n" +
            "depends_on: { base: { condition: service_completed_successfully } }",
        ) +
        service("other", "command: [sleep, '1000']"),
    );
    const first = await project.fairlead("up", "--yes");
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/base create failed: .*ended with exit code 7/);
    expect(first.stderr).toContain("the reason");
    expect(first.stderr).toContain("fairlead logs --host h1 base");
    expect(first.stderr).not.toMatch(/\bdocker\b/);
    const rows = JSON.parse(await project.succeed("ps", "--json")) as { service: string }[];
    expect(rows.map((row) => row.service)).toEqual(["other"]);
  });

  test.each([
    [
      "crash-loops",
      "command: [sh, -c, 'sleep 0.3; exit 3']\nrestart: always",
      /restarts again|restarted \d+ times/,
    ],
    [
      "is unhealthy",
      "command: [sleep, '1000']\nhealthcheck: { test: [CMD, 'false'], interval: 0.2s, retries: 1 }",
      /unhealthy/,
    ],
  ])("a container that %s is verified again by each up", async (_what, rest, cause) => {
    await project.succeed("down", "--yes");
    write(service("base", rest));
    expect((await project.fairlead("up", "--yes", "--remove-orphans")).code).toBe(1);
    for (const _again of [1, 2]) {
      const { code, stdout, stderr } = await project.fairlead("up", "--yes");
      expect([code, stdout]).toEqual([1, expect.stringMatching(cause)]);
      expect(stderr).toMatch(/base verify failed/);
    }
    const plan = await project.fairlead("plan", "--detailed-exitcode");
    expect([plan.code, plan.stdout]).toEqual([
      2,
      expect.stringMatching(/! container\s+base\s+verify/),
    ]);
    write(service("base", "command: [sleep, '1000']"));
    await project.succeed("up", "--yes");
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("who waits for a service to be healthy is told that it ended, with 0 too", async () => {
    const probe = "healthcheck: { test: [CMD, 'true'], interval: 0.2s }";
    const needs = "depends_on: { base: { condition: service_healthy } }";
    write(
      service("base", `command: ['true']\n${probe}`) +
        service("next", `command: [sleep, '1000']\n${needs}`),
    );
    const { code, stderr } = await project.fairlead("up", "--yes", "--remove-orphans");
    expect(code).toBe(1);
    expect(stderr).toMatch(/day-base-1 ended with exit code 0/);
    const rows = JSON.parse(await project.succeed("ps", "--json")) as { service: string }[];
    expect(rows).toEqual([]);
    await project.succeed("down", "--yes");
  });

  test("what ended by itself and well is done, and what somebody stopped is started", async () => {
    const app = `sh, -c, "trap 'exit 0' TERM; while :; do sleep 0.1; done"`;
    write(service("once", "command: ['true']") + service("base", `command: [${app}]`));
    await project.succeed("up", "--yes", "--remove-orphans");
    expect(await project.succeed("up", "--yes")).toMatch(/no changes/i);
    await project.succeed("stop");
    const plan = await project.succeed("plan");
    expect(plan).toMatch(/base\s+start\s+has stopped with exit code 0/);
    expect(plan).not.toContain("once");
  });

  test("standard error is JSON with --json, and only some commands warn", async () => {
    write(
      service(
        "base",
        "command: [sleep, '1000']\ndeploy: { labels: { a: b } }\nenvironment: { X: $UNSET }",
      ) + service("bad", "command: ['false']"),
    );
    const { code, stdout, stderr } = await project.fairlead("up", "--yes", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).result.failed[0].id).toBe("h1/container/bad create");
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.filter((line) => "warning" in line)).toHaveLength(2);
    expect(lines.some((line) => line.event === "failed")).toBe(true);
    const usage = await project.fairlead("up", "--jsn", "--json");
    expect(JSON.parse(usage.stderr).error.code).toBe("invalid");
    for (const quiet of [["ps"], ["logs"], ["host", "ls"], ["down", "--dry-run"]]) {
      expect((await project.fairlead(...quiet)).stderr).toBe("");
    }
    for (const told of [["plan"], ["config"]]) {
      expect((await project.fairlead(...told)).stderr).toMatch(/warning: /);
    }
  });

  test("a variable from outside of the files is in no plan and no label", async () => {
    const files = (value: string) => {
      project.write(".env", `DBPW=${value}\n`);
      project.write("own.env", `TOKEN=t-${value}\nLEVEL=info\n`);
    };
    files("hunter2");
    write(
      service(
        "base",
        "command: [sleep, '1000']\nenvironment: { PW: $DBPW, MODE: one }\nenv_file: own.env",
      ),
    );
    await project.succeed("up", "--yes", "--remove-orphans");
    files("hunter3");
    write(
      service(
        "base",
        "command: [sleep, '1000']\nenvironment: { PW: $DBPW, MODE: two }\nenv_file: own.env",
      ),
    );
    const plan = await project.succeed("plan");
    expect(plan).toContain("env MODE one -> two");
    expect(plan).toContain("env PW [secret] -> [secret]");
    expect(plan + (await project.succeed("plan", "--json"))).not.toMatch(/hunter/);
    await project.succeed("up", "--yes");
    expect(await project.succeed("exec", "base", "sh", "-c", "echo $PW $TOKEN")).toBe(
      "hunter3 t-hunter3\n",
    );
    const labels = await project.succeed(
      "docker",
      "--",
      "inspect",
      "-f",
      "{{json .Config.Labels}}",
      "day-base-1",
    );
    expect(labels).not.toMatch(/hunter/);
    expect(labels).toContain("secret:");
  });

  test("docker.sock in a container is the engine that runs it", async () => {
    const mounts = [
      "/var/run/docker.sock:/var/run/docker.sock",
      "/run/docker.sock:/e.sock:ro",
      "/opt/fairlead/current/fairlead-runtime:/dial:ro",
    ];
    write(service("base", `command: [sleep, '1000']\nvolumes: ${JSON.stringify(mounts)}`));
    expect(await project.succeed("plan")).toMatch(/note: h1\/container\/base is given the socket/);
    await project.succeed("up", "--yes");
    for (const path of ["/var/run/docker.sock", "/e.sock"]) {
      const ask = `printf 'GET /_ping HTTP/1.0\\r\\n\\r\\n' | /dial dial-stdio ${path}`;
      expect(await project.succeed("exec", "base", "sh", "-c", ask)).toMatch(/OK$/);
    }
    expect(await onHost("ls -d /var/run/docker.sock /run/docker.sock 2>&1 || true")).not.toMatch(
      /^\//m,
    );
    expect(await project.succeed("plan")).toMatch(/no changes/i);
    const readOnly = "x-fairlead: { image: { rootfs: ./rootfs }, socket: read-only }";
    const rest = `command: [sleep, '1000']\nvolumes: ${JSON.stringify(mounts)}\n${readOnly}`;
    project.compose(
      project.read("compose.yaml").split("services:")[0] +
        "services:\n" +
        service("base", rest).replace("    <<: *image\n", "    image: lab/busybox:1\n"),
    );
    expect(await project.succeed("plan")).toMatch(/note: h1\/container\/base is given a read-only/);
    await project.succeed("up", "--yes");
    const told = async (line: string) => {
      const ask = `printf '${line} HTTP/1.0\\r\\n\\r\\n' | /dial dial-stdio /e.sock`;
      return (await project.succeed("exec", "base", "sh", "-c", ask)).split("\r\n")[0];
    };
    expect(await told("GET /containers/json")).toMatch(/200 OK/);
    expect(await told("POST /containers/prune")).toMatch(/403 Forbidden/);
    expect(await project.succeed("plan")).toMatch(/no changes/i);
  });
});
