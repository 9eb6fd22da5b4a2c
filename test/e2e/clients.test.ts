// Several clients and versions at one host: two projects come up at once on a bare host, and an
// upgrade of the agent passes under running containers.
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, type LabHost, whyNoLab } from "../lab/lab.ts";
import { eventually } from "../lab/shell.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("several clients at one bare host", () => {
  let lab: Lab;
  let host: LabHost;
  const projects: Project[] = [];
  const newer = mkdtempSync(join(tmpdir(), "fairlead-newer-"));

  beforeAll(async () => {
    lab = await Lab.open(1);
    host = lab.host("h1");
    for (const port of [8080, 8081]) {
      const project = new Project(lab);
      projects.push(project);
      project.compose(compose(lab, host, port));
    }
  });
  afterAll(async () => {
    for (const project of projects) project.remove();
    rmSync(newer, { recursive: true, force: true });
    await lab?.close();
  });

  const page = async (port: number) => {
    const signal = AbortSignal.timeout(5000);
    return (await fetch(`http://${host.address}:${port}/`, { signal })).text();
  };
  const onHost = (command: string) => lab.ssh(host, command);

  test("two that install the agent at the same moment do not disturb each other", async () => {
    const outcomes = await Promise.all(projects.map((project) => project.fairlead("up", "--yes")));
    for (const { code, stderr } of outcomes) expect(code, stderr).toBe(0);
    expect(await page(8080)).toContain("Hello from fairlead");
    expect(await page(8081)).toContain("Hello from fairlead");
    for (const project of projects) {
      expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
    }
    expect(await onHost("systemctl show -p NRestarts --value fairlead")).toBe("0\n");
  });

  test("an upgrade leaves every container running and its log flowing", async () => {
    const command = upgradedCommand(newer);
    const project = projects[0]!;
    const pids = await onHost("pidof fairlead-runtime");
    const before = await onHost("readlink /opt/fairlead/current");
    const plan = await project.run(command, "plan", "--detailed-exitcode");
    expect([plan.code, plan.stdout]).toEqual([2, expect.stringMatching(/-> 9\.9\.9/)]);
    const up = await project.run(command, "up", "--yes");
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining("agent 9.9.9 answers")]);
    expect(await onHost("readlink /opt/fairlead/current")).not.toBe(before);
    expect(await onHost("pidof fairlead-runtime")).toBe(pids);
    expect(await page(8080)).toContain("Hello from fairlead");
    // A number each 0.2 s: none is missing for the time that no agent was there.
    const log = await project.run(command, "logs", "--no-log-prefix", "clock");
    const numbers = log.stdout.trim().split("\n").map(Number);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    // The next agent has it: it takes an order for the container and honours its restart policy.
    const inspect = ["inspect", "-f", "{{.State.Pid}}", "at8080-clock-1"];
    const pid = (await project.run(command, "docker", "--", ...inspect)).stdout.trim();
    expect(Number(pid)).toBeGreaterThan(1);
    await onHost(`kill -9 ${pid}`);
    await eventually("the clock runs again", 20_000, async () => {
      const { stdout } = await project.run(command, "logs", "--no-log-prefix", "clock");
      return (
        stdout
          .trim()
          .split("\n")
          .filter((line) => line === "1").length === 2
      );
    });
    const older = await project.fairlead("plan", "--detailed-exitcode");
    expect([older.code, older.stdout]).toEqual([0, expect.stringContaining("No changes")]);
  });
});

/** The built command with another version of the agent; gives its path. */
function upgradedCommand(folder: string): string {
  for (const path of ["package.json", "dist/fairlead.js", "dist/chunks", "dist/bundle"]) {
    cpSync(path, join(folder, path), { recursive: true });
  }
  const bundle = join(folder, "dist/bundle/linux-x64");
  const manifest = JSON.parse(readFileSync(join(bundle, "manifest.json"), "utf8"));
  const part = manifest.parts.find(({ name }: { name: string }) => name === "agent.cjs");
  const code = gunzipSync(readFileSync(join(bundle, "parts", `${part.sha256}.gz`)))
    .toString()
    .replaceAll(`"${manifest.version}"`, '"9.9.9"');
  const packed = gzipSync(code);
  const sha256 = createHash("sha256").update(code).digest("hex");
  writeFileSync(join(bundle, "parts", `${sha256}.gz`), packed);
  Object.assign(part, { sha256, size: Buffer.byteLength(code), gzSize: packed.length });
  const digest = createHash("sha256").update(JSON.stringify(manifest.parts)).digest("hex");
  const text = JSON.stringify({ ...manifest, version: "9.9.9", digest });
  writeFileSync(join(bundle, "manifest.json"), text);
  return join(folder, "dist/fairlead.js");
}

function compose(lab: Lab, host: LabHost, port: number): string {
  return `
name: at${port}
x-fairlead: { hosts: { ${hostEntry(lab, host)} } }
x-image: &image
  image: lab/busybox:1
  x-fairlead: { image: { rootfs: ./rootfs } }
  restart: always
  stop_grace_period: 1s
services:
  web:
    <<: *image
    command: [httpd, -f, -h, /srv]
    ports: ["${port}:80"]
  clock:
    <<: *image
    command: [sh, -c, "i=0; while true; do i=$$((i+1)); echo $$i; sleep 0.2; done"]
`;
}
