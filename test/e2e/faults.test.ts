import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Lab, type LabHost, whyNoLab } from "../lab/lab.ts";
import { Line } from "../lab/line.ts";
import { attempt, eventually, run } from "../lab/shell.ts";
import { type Outcome, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

type Fields = Record<string, string | number>;

describe.skipIf(reason !== undefined)("faults between fairlead and a host", () => {
  let lab: Lab;
  let project: Project;
  let host: LabHost;

  beforeAll(async () => {
    lab = await Lab.open(1, { diskMiB: 240 });
    host = lab.host("h1");
    project = new Project(lab);
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  const lines: Line[] = [];
  beforeEach(() => compose({ hostKey: host.publicKey() }));
  afterEach(() => {
    for (const line of lines.splice(0)) line.close();
  });

  const compose = (fields: Fields = {}, rootfs = "./rootfs") => {
    const all = { host: host.address, user: "root", privateKey: lab.privateKeyPath, ...fields };
    const entry = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    project.compose(`
name: faults
x-fairlead: { hosts: { h1: { ${entry.join(", ")} } } }
services:
  web:
    image: lab/busybox:1
    x-fairlead: { image: { rootfs: ${rootfs} } }
    command: [httpd, -f, -h, /srv]
    ports: ["8081:80"]
    stop_grace_period: 1s
`);
  };
  const refused = (outcome: Outcome, ...words: RegExp[]) => {
    expect(outcome.code).toBe(1);
    for (const word of words) expect(outcome.stderr).toMatch(word);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  };
  const untouched = async () => {
    expect(await lab.ssh(host, "ls /opt; ls -d /var/lib/fairlead 2>/dev/null; true")).toBe("");
  };

  test("a host key that is not known is refused with its fingerprint", async () => {
    compose();
    writeFileSync(join(project.home, ".ssh/known_hosts"), "");
    refused(await project.fairlead("plan"), /SHA256:/, /not known/);
    await untouched();
  });

  test("a host key that differs from the known one is refused", async () => {
    compose();
    const other = "AAAAC3NzaC1lZDI1NTE5AAAAIJXkAbmmrLd2Pcv3Kn2NFyzFtUgzxyOKmdlvLHDBnvMh";
    writeFileSync(join(project.home, ".ssh/known_hosts"), `${host.address} ssh-ed25519 ${other}\n`);
    refused(await project.fairlead("up", "--yes"), /host.s key/i, new RegExp(host.address));
    rmSync(join(project.home, ".ssh/known_hosts"));
    compose({ hostKey: `ssh-ed25519 ${other}` });
    refused(await project.fairlead("up", "--yes"), /host.s key/i);
    await untouched();
  });

  test("a key that the host does not accept is refused", async () => {
    const key = join(project.folder, "stranger");
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
    compose({ privateKey: key, hostKey: host.publicKey() });
    refused(await project.fairlead("up", "--yes"), /root@/, /refused the login/);
    await untouched();
  });

  test("a host that does not answer is unreachable, not empty", async () => {
    compose({ host: host.address.replace(/\d+$/, "99"), hostKey: host.publicKey() });
    const slow = await project.fairlead("plan", "--connect-timeout", "2s");
    refused(slow, /no answer in time|no route/);
  });

  test.each(["the line", "fairlead"])(
    "when %s ends while the agent is sent nothing is lost, and a rerun succeeds",
    async (what) => {
      await project.fairlead("host", "uninstall", "h1", "--force", "--volumes", "--yes");
      const line = await throughLine();
      const { pid, done } = project.start("up", "--yes");
      await silentAfter(1 << 20, line, done);
      const halfThere = async () => /^\./m.test(await parts());
      await eventually("half a part is there", 10_000, halfThere);
      if (what === "fairlead") process.kill(pid, "SIGKILL");
      line.close();
      const outcome = await done;
      if (what === "the line") refused(outcome, /h1: /, /the connection (broke|was closed)/);
      await eventually("no half part is left", 10_000, async () => !(await halfThere()));
      compose({ hostKey: host.publicKey() });
      await project.succeed("up", "--yes");
      expect(await page()).toContain("Hello");
    },
  );

  test("a connection that breaks in the middle of an up ends with a clear error", async () => {
    await project.succeed("down", "--yes");
    const whole = await throughLine();
    await project.succeed("up", "--yes");
    const { sent } = whole;
    await project.succeed("down", "--yes");
    const line = await throughLine();
    const { done } = project.start("up", "--yes");
    await silentAfter(sent * 0.7, line, done);
    line.close();
    refused(await done, /h1/, /the connection (broke|was closed)/);
    compose({ hostKey: host.publicKey() });
    await project.succeed("up", "--yes");
    expect(await page()).toContain("Hello");
  });

  test("a cable cut in the middle is noticed, and a rerun takes up the work", async () => {
    await run("dd", "if=/dev/urandom", `of=${project.folder}/rootfs/big`, "bs=1M", "count=40");
    const line = await throughLine({ keepAlive: "1s" });
    const { done } = project.start("up", "--yes");
    await silentAfter(8 << 20, line, done);
    await host.link("down");
    const outcome = await done;
    await host.link("up");
    refused(outcome, /h1/, /stopped answering/);
    expect(await page()).toContain("Hello");
    compose({ hostKey: host.publicKey() });
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(2);
    await project.succeed("up", "--yes");
    expect((await project.fairlead("plan", "--detailed-exitcode")).code).toBe(0);
    rmSync(join(project.folder, "rootfs/big"));
  });

  test("a host that is switched off is not taken for an empty one", async () => {
    await host.powerOff();
    for (const command of [["plan"], ["up", "--yes"], ["ps"], ["down", "--yes"]]) {
      const outcome = await project.fairlead(...command, "--connect-timeout", "2s");
      refused(outcome, /h1|10\.88/, /no answer in time|no route/i);
      expect(outcome.stdout).toBe("");
    }
    await host.boot();
    await project.succeed("up", "--yes");
    expect(await page()).toContain("Hello");
  });

  test("other users of the host are kept out of what containers have written", async () => {
    const dirs = "/var/lib/fairlead/volumes /var/lib/fairlead/storage /var/lib/fairlead/layers";
    const tries = `for at in ${dirs}; do su -s /bin/sh nobody -c "ls $at" 2>&1; done; true`;
    const denied = (await lab.ssh(host, tries)).trim().split("\n");
    expect(denied).toHaveLength(3);
    for (const line of denied) expect(line).toMatch(/Permission denied/);
  });

  test("a container whose record is damaged is not started a second time, and told", async () => {
    await project.succeed("up", "--yes");
    const [id] = (await lab.ssh(host, "ls /var/lib/fairlead/containers")).trim().split("\n");
    const record = `/var/lib/fairlead/containers/${id}/record.json`;
    await lab.ssh(host, `cp ${record} /root/kept; : > ${record}; systemctl restart fairlead`);
    refused(await project.fairlead("plan"), /could not be read/, /record\.json\.unreadable-/);
    refused(await project.fairlead("up", "--yes"), /could not be read/);
    expect(await page()).toContain("Hello");
    await lab.ssh(host, `mv /root/kept ${record}; systemctl restart fairlead`);
    const planned = await project.fairlead("plan", "--detailed-exitcode");
    expect([planned.code, planned.stdout]).toEqual([
      0,
      expect.stringMatching(/could not be\s+read/),
    ]);
    await lab.ssh(host, `rm ${record}.unreadable-*`);
    expect(await project.succeed("plan")).not.toMatch(/could not/);
  });

  test("an image that the disk damaged is named and brought anew while others run", async () => {
    await project.succeed("up", "--yes");
    const images = JSON.parse(await lab.ssh(host, "cat /var/lib/fairlead/images/images.json"));
    const blob = `/var/lib/fairlead/images/blobs/sha256/${images.images[0].id.slice(7)}`;
    const before = await lab.ssh(host, "pgrep httpd");
    await lab.ssh(host, `printf x | dd of=${blob} bs=1 seek=40 conv=notrunc 2>/dev/null`);
    await lab.ssh(host, "systemctl restart fairlead");
    const plan = await project.fairlead("plan", "--detailed-exitcode");
    expect([plan.code, plan.stderr]).toEqual([2, ""]);
    expect(plan.stdout).toMatch(/the blob \w+ of the\s+image lab\/busybox:1/);
    await project.succeed("up", "--yes");
    expect(await lab.ssh(host, "pgrep httpd")).toBe(before);
    expect(await page()).toContain("Hello");
    const after = await project.fairlead("plan", "--detailed-exitcode");
    expect([after.code, after.stdout]).toEqual([0, expect.not.stringContaining("the blob")]);
  });

  test("a full disk while an image is unpacked leaves nothing half-made", async () => {
    await run("dd", "if=/dev/urandom", `of=${project.folder}/rootfs/big`, "bs=1M", "count=300");
    const before = await lab.ssh(
      host,
      "ls /var/lib/fairlead/layers; df --output=used /var/lib | tail -1",
    );
    refused(await project.fairlead("up", "--yes"), /h1/, /no space|disk/i);
    expect(await lab.ssh(host, "curl -s localhost 2>/dev/null; systemctl is-active fairlead")).toBe(
      "active\n",
    );
    const after = await lab.ssh(
      host,
      "ls /var/lib/fairlead/layers; df --output=used /var/lib | tail -1",
    );
    const used = (text: string) => Number(text.trim().split("\n").at(-1));
    expect(used(after) - used(before)).toBeLessThan(2048);
    expect(await page()).toContain("Hello");
    rmSync(join(project.folder, "rootfs/big"));
    await project.succeed("up", "--yes");
  });

  const parts = () => attempt("ls", "-A", join(host.root, "opt/fairlead/parts"));
  /** From now on the project reaches the host over this line. */
  async function throughLine(fields: Fields = {}): Promise<Line> {
    const line = await Line.open(host.address, 22);
    lines.push(line);
    compose({ host: "127.0.0.1", port: line.port, hostKey: host.publicKey(), ...fields });
    return line;
  }
  const silentAfter = (bytes: number, line: Line, done: Promise<Outcome>) =>
    Promise.race([
      line.silentAfter(bytes),
      done.then(({ stdout, stderr }) => {
        throw new Error(`ended before it sent ${bytes} bytes:\n${stdout}\n${stderr}`);
      }),
    ]);
  async function page(): Promise<string> {
    const response = await fetch(`http://${host.address}:8081/`, {
      signal: AbortSignal.timeout(5000),
    });
    return response.text();
  }
});
