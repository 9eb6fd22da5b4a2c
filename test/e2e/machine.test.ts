// The main job on whole machines with other kernels and C libraries than this one's, and with the
// unified cgroup tree: limits, devices, freezing and running out of memory as version 2 has them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine, whyNoMachine } from "../lab/machine.ts";
import { eventually } from "../lab/shell.ts";
import { Project } from "./project.ts";

const suites = (process.env.FAIRLEAD_VM ?? "").split(",").filter(Boolean);
const reason = suites.length === 0 ? "npm run test:vm emulates machines" : whyNoMachine();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason).each(suites.length > 0 ? suites : ["bookworm"])("Debian's %s", (suite) => {
  let machine: Machine;
  let project: Project;
  const page = async () => {
    const url = `http://127.0.0.1:${machine.ports.web}/`;
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text();
  };
  const dockerOf = (host: string, ...args: string[]) =>
    project.succeed("docker", "--host", host, "--", ...args).then((text) => text.trim());
  const docker = (...args: string[]) => dockerOf("vm", ...args);
  const limits = (name: string) =>
    docker("exec", name, "sh", "-c", "cd /sys/fs/cgroup && cat memory.max cpu.max pids.max");

  beforeAll(async () => {
    machine = await Machine.open(suite);
    project = new Project(machine);
    project.compose(compose(machine));
    await machine.ssh("loginctl enable-linger deploy");
  }, 900_000);
  afterAll(async () => {
    project?.remove();
    await machine?.close();
  });

  test("gets the agent and the containers, and then has nothing to do", async () => {
    console.log(await machine.ssh("uname -r; ldd --version | head -n 1"));
    await project.succeed("up", "--yes");
    expect(await page()).toContain("Hello from fairlead");
    expect(await docker("info", "-f", "{{.Driver}}")).toBe("overlay");
    const again = await project.fairlead("plan", "--detailed-exitcode");
    expect(`${again.code} ${again.code === 0 ? "" : again.stdout}`).toBe("0 ");
  }, 600_000);

  test("limits memory, processors and processes, also of a running container", async () => {
    expect(await docker("info", "-f", "{{.CgroupVersion}}")).toBe("2");
    expect(await limits("web")).toBe(`${64 << 20}\n50000 100000\n40`);
    await docker("update", "-m", "96m", "--memory-swap", "96m", "--pids-limit", "50", "web");
    expect(await limits("web")).toBe(`${96 << 20}\n50000 100000\n50`);
    // The plan sees the hand's work, and takes it back without a new container.
    const before = await docker("inspect", "-f", "{{.Id}}", "web");
    await project.succeed("up", "--yes");
    expect(await limits("web")).toBe(`${64 << 20}\n50000 100000\n40`);
    expect(await docker("inspect", "-f", "{{.Id}}", "web")).toBe(before);
  }, 300_000);

  test("limits what a user's agent runs, by groups that systemd delegates", async () => {
    const files = "cd /sys/fs/cgroup && cat memory.max pids.max";
    expect(await dockerOf("user", "exec", "lone", "sh", "-c", files)).toBe(`${32 << 20}\n30`);
    await dockerOf("user", "update", "--pids-limit", "31", "lone");
    expect(await dockerOf("user", "exec", "lone", "sh", "-c", files)).toBe(`${32 << 20}\n31`);
    await dockerOf("user", "update", "--pids-limit", "30", "lone");
  }, 300_000);

  test("gives the devices it should and no others", async () => {
    const image = await docker("inspect", "-f", "{{.Image}}", "web");
    const script = "head -c 3 /dev/zero | wc -c; mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk";
    const { code, stdout, stderr } = await project.fairlead(
      ...["docker", "--host", "vm", "--", "run", "--rm", image, "sh", "-c", script],
    );
    expect(stdout).toMatch(/^3\n/);
    expect(stderr).toContain("Operation not permitted");
    expect(code).not.toBe(0);
    const given = ["run", "--rm", "--device", "/dev/vda:/dev/disk:r", image];
    expect(await docker(...given, "sh", "-c", "head -c 512 /dev/disk | wc -c")).toBe("512");
  }, 300_000);

  test("freezes, thaws, and tells when memory ran out", async () => {
    await docker("pause", "web");
    expect(await docker("inspect", "-f", "{{.State.Status}}", "web")).toBe("paused");
    await docker("unpause", "web");
    expect(await page()).toContain("Hello");
    const image = await docker("inspect", "-f", "{{.Image}}", "web");
    const eat = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    const small = ["run", "--name", "eater", "-m", "16m", "--memory-swap", "16m", image];
    const { code } = await project.fairlead(
      ...["docker", "--host", "vm", "--", ...small, "sh", "-c", eat],
    );
    expect(code).toBe(137);
    expect(await docker("inspect", "-f", "{{.State.OOMKilled}}", "eater")).toBe("true");
    await docker("rm", "eater");
  }, 300_000);

  test("has everything back after a power cycle, and nothing when taken off", async () => {
    await machine.ssh("sync");
    await machine.reboot();
    await eventually("the page answers", 120_000, () =>
      page().then(
        (text) => text.includes("Hello"),
        () => false,
      ),
    );
    expect(await limits("web")).toBe(`${64 << 20}\n50000 100000\n40`);
    await project.succeed("down", "--volumes", "--yes");
    for (const host of ["vm", "user"])
      await project.succeed("host", "uninstall", host, "--volumes", "--yes");
    const left = "find / -xdev -iname '*fairlead*' -not -path '/proc/*' -not -path '/sys/*'; ";
    expect(await machine.ssh(`${left} pgrep -fa '[f]airlead-runtime'; true`)).toBe("");
  }, 600_000);
});

function compose(machine: Machine): string {
  const login = `port: ${machine.ports.ssh}, privateKey: ${machine.privateKeyPath}`;
  return `
name: shop
x-fairlead:
  hosts:
    vm: { host: 127.0.0.1, user: root, ${login} }
    user: { host: 127.0.0.1, user: deploy, rootless: true, ${login} }
services:
  lone:
    image: lab/busybox:1
    x-fairlead: { host: user, image: { rootfs: ./rootfs } }
    container_name: lone
    command: [sleep, "100000"]
    init: true
    network_mode: none
    restart: unless-stopped
    mem_limit: 32m
    pids_limit: 30
  web:
    image: lab/busybox:1
    x-fairlead: { host: vm, image: { rootfs: ./rootfs } }
    container_name: web
    command: [httpd, -f, -h, /srv]
    init: true
    ports: ["8080:80"]
    restart: unless-stopped
    volumes: ["data:/data"]
    mem_limit: 64m
    memswap_limit: 64m
    cpus: 0.5
    pids_limit: 40
volumes:
  data:
`;
}
