// The main job on whole machines with other kernels and C libraries than this one's, and with the
// unified cgroup tree: limits, devices, freezing and running out of memory as version 2 has them.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binary, plainConfig } from "../agent/native/bundle.ts";
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

  test("gives containers of the command line units of systemd, or their own groups", async () => {
    const config = plainConfig("one");
    config.process.args = ["sleep", "1000"];
    config.linux.cgroupsPath = "demo.slice:pre:one";
    config.linux.resources = {
      memory: { limit: 50 << 20, swap: 80 << 20, reservation: 20 << 20 },
      cpu: { shares: 512, quota: 50_000, period: 100_000, cpus: "1", mems: "0" },
      pids: { limit: 33 },
      unified: { "memory.high": `${40 << 20}` },
    };
    const bundle = join(machine.folder, "bundle");
    mkdirSync(join(bundle, "rootfs/bin"), { recursive: true });
    for (const name of ["busybox", "sleep", "cat"])
      cpSync("/bin/busybox", join(bundle, "rootfs/bin", name));
    cpSync(binary, join(bundle, "runtime"));
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config));
    writeFileSync(join(bundle, "other.json"), JSON.stringify(ofItsOwnGroup()));
    await machine.put(bundle, "/root/bundle");
    const runtime = "/root/bundle/runtime --systemd-cgroup";
    await machine.ssh(`${runtime} run -d -b /root/bundle one < /dev/null > /root/said 2>&1`);

    const group = "/sys/fs/cgroup/demo.slice/pre-one.scope";
    const names = "memory.max memory.swap.max memory.low memory.high cpu.max cpuset.cpus pids.max";
    const files = `cd ${group} && cat ${names} cpuset.mems cpu.weight`;
    const properties = async () => {
      const wanted = "MemoryMax MemorySwapMax MemoryLow MemoryHigh CPUQuotaPerSecUSec AllowedCPUs";
      const list = `${wanted} TasksMax AllowedMemoryNodes CPUWeight`.split(" ");
      const said = await machine.ssh(`systemctl show pre-one.scope -p ${list.join(",")}`);
      const found = new Map(
        said
          .trim()
          .split("\n")
          .map((line) => line.split("=", 2) as [string, string]),
      );
      return list.map((name) => found.get(name));
    };
    const limits = async () => (await machine.ssh(files)).trim().split("\n");
    const [memory, pids] = [`${50 << 20}`, "33"];
    const others = [`${30 << 20}`, `${20 << 20}`, `${40 << 20}`];
    const weight = (await limits()).at(-1);
    expect(await limits()).toEqual([memory, ...others, "50000 100000", "1", pids, "0", weight]);
    expect(await properties()).toEqual([memory, ...others, "500ms", "1", pids, "0", weight]);
    // What systemd writes again is the same.
    await machine.ssh("systemctl daemon-reload");
    expect(await limits()).toEqual([memory, ...others, "50000 100000", "1", pids, "0", weight]);
    await machine.ssh(`${runtime} update --cpuset-cpus 0-1 --pids-limit 44 --cpu-quota 25000 one`);
    expect(await limits()).toEqual([memory, ...others, "25000 100000", "0-1", "44", "0", weight]);
    expect(await properties()).toEqual([memory, ...others, "250ms", "0-1", "44", "0", weight]);
    await machine.ssh(`${runtime} delete --force one`);
    await machine.ssh(`cd /root/bundle && mv other.json config.json && ./runtime run two > said`);
    expect(await machine.ssh("cat /root/bundle/said")).toBe("0::/plain/two\n321\n");
    const left = "systemctl list-units --all --plain --no-legend pre-one.scope";
    expect(
      await machine.ssh(`ls -d ${group} 2>/dev/null; ${left}; rm -r /root/bundle /root/said`),
    ).toBe("");
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

/** A program that tells its group and score, without a namespace that hides the group. */
function ofItsOwnGroup() {
  const config = plainConfig("two");
  config.process.args = ["cat", "/proc/self/cgroup", "/proc/self/oom_score_adj"];
  config.process.oomScoreAdj = 321;
  config.linux.cgroupsPath = "/plain/two";
  config.linux.namespaces = config.linux.namespaces.filter(
    ({ type }: { type: string }) => type !== "cgroup",
  );
  return config;
}

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
