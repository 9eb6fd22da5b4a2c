// The command line on a host with systemd: containers in units of the host's manager, and those of
// an ordinary user with and without units of the user's manager.
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab, type LabHost, whyNoLab } from "../../lab/lab.ts";
import { binary, type Config, missing, plainConfig } from "./bundle.ts";

const why = missing ?? whyNoLab();
const RUNTIME = "/usr/local/bin/fairlead-runtime";
const TREE = "/sys/fs/cgroup";

describe.skipIf(why)(`a host with systemd (skipped: ${why ?? "no"})`, () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await Lab.open(1, { rootless: true });
    host = lab.host("h1");
    cpSync(binary, join(host.root, RUNTIME));
    // It has looked for controllers while nspawn's view of them was read-only.
    await as("root", "systemctl daemon-reexec; loginctl enable-linger deploy");
  }, 120_000);
  afterAll(() => lab?.close());

  /** Runs a shell line, in which $R is the runtime; gives what it says, on stderr as well. */
  const as = (user: string, line: string, flags = "--systemd-cgroup") => {
    const ids = user === "root" ? "" : "export XDG_RUNTIME_DIR=/run/user/$(id -u); ";
    return lab.ssh(host, `exec 2>&1; ${ids}R="${RUNTIME} ${flags}"; ${line}\ntrue`, user);
  };

  /** Makes a bundle below /var/lib; returns its folder as the host sees it. */
  async function bundle(id: string, edit: (config: Config) => void, owner = "root") {
    const folder = `/var/lib/bundles/${id}`;
    const root = join(host.outside(folder), "rootfs");
    for (const name of ["bin", "tmp"]) mkdirSync(join(root, name), { recursive: true });
    cpSync("/bin/busybox", join(root, "bin/busybox"));
    for (const name of ["sh", "sleep", "cat", "id", "true"])
      symlinkSync("busybox", join(root, "bin", name));
    const config = plainConfig(id);
    delete config.linux.cgroupsPath;
    edit(config);
    writeFileSync(join(host.outside(folder), "config.json"), JSON.stringify(config));
    chmodSync(host.outside("/var/lib/bundles"), 0o755);
    await as("root", `chown -R ${owner} ${folder}`);
    return folder;
  }

  // The container keeps what it gets as stdio, and so would ssh's pipe.
  const detached = (folder: string, id: string) =>
    `$R run -d -b ${folder} ${id} </dev/null >~/said 2>&1; cat ~/said`;

  const sleeps = (cgroupsPath: string, resources: object) => (config: Config) => {
    config.process.args = ["sleep", "1000"];
    config.linux.cgroupsPath = cgroupsPath;
    config.linux.resources = resources;
  };

  it("has a container's limits in a scope, and nothing of it after its end", async () => {
    const folder = await bundle("one", (config) => {
      sleeps("demo-a.slice:pre:one", {
        memory: { limit: 50 << 20 },
        cpu: { shares: 512, quota: 50_000, period: 100_000 },
        pids: { limit: 33 },
        devices: [
          { allow: false, access: "rwm" },
          { allow: true, type: "c", major: 10, minor: 200, access: "rw" },
        ],
      })(config);
      config.annotations = { "org.systemd.property.TimeoutStopSec": "3.5" };
    });
    const unit = "pre-one.scope";
    const path = `demo.slice/demo-a.slice/${unit}`;
    expect(await as("root", detached(folder, "one"))).toBe("");
    const shown = await as("root", `systemctl show ${unit}`);
    for (const line of [
      ...[`ControlGroup=/${path}`, "Slice=demo-a.slice", "Delegate=yes", "TasksMax=33"],
      ...["CPUShares=512", "CPUQuotaPerSecUSec=500ms", `MemoryLimit=${50 << 20}`],
      ...["DevicePolicy=strict", "DeviceAllow=/dev/char/10:200 rw", "DeviceAllow=char-pts rwm"],
      ...["TimeoutStopUSec=3.500000s", "Description=fairlead container one"],
    ])
      expect(shown.split("\n")).toContain(line);
    const groups = await as("root", "cat /proc/$($R ps -f json one | tr -d '[]')/cgroup");
    expect(groups.trim().split("\n")).toSatisfy((lines: string[]) =>
      lines.every((line) => line.endsWith(`:/${path}`)),
    );
    const limits =
      `cd ${TREE}; cat memory/${path}/memory.limit_in_bytes pids/${path}/pids.max ` +
      `cpu/${path}/cpu.cfs_quota_us; grep -c . devices/${path}/devices.list`;
    const before = await as("root", limits);
    expect(before).toBe(`${50 << 20}\n33\n50000\n11\n`);
    // What systemd writes again must be the same.
    expect(await as("root", `systemctl daemon-reload; ${limits}`)).toBe(before);

    const changes = "--memory 64m --pids-limit 44 --cpu-quota 25000 --cpu-period 100000";
    expect(await as("root", `$R update ${changes} one; ${limits}`)).toBe(
      `${64 << 20}\n44\n25000\n11\n`,
    );
    const properties = "MemoryLimit,TasksMax,CPUQuotaPerSecUSec";
    expect(await as("root", `systemctl show ${unit} -p ${properties}`)).toBe(
      `CPUQuotaPerSecUSec=250ms\nMemoryLimit=${64 << 20}\nTasksMax=44\n`,
    );
    expect(await as("root", "$R exec one cat /proc/self/cgroup")).toContain("0::/\n");
    const status = '$R state one | grep -o \'"status":"[a-z]*\'';
    expect(await as("root", `$R pause one; ${status}; $R resume one; ${status}`)).toBe(
      '"status":"paused\n"status":"running\n',
    );
    expect(await as("root", `$R kill one KILL; sleep 0.5; $R delete one`)).toBe("");
    const left = `systemctl list-units --all --plain ${unit} --no-legend`;
    expect(await as("root", `${left}; find ${TREE} -name ${unit}`)).toBe("");
  });

  it("is reached over the bus as well, and missed with a reason where it is not", async () => {
    const folder = await bundle("two", (config) => {
      config.process.args = ["cat", "/proc/self/cgroup"];
    });
    const run = `$R run -b ${folder} two`;
    const bus = "DBUS_SYSTEM_BUS_ADDRESS=unix:guid=1,path=/run/dbus/system_bus_socket";
    expect(await as("root", `${bus} ${run}`)).toContain("0::/\n");
    const hidden = "for s in systemd/private dbus/system_bus_socket; do";
    const alone = `unshare -m sh -c '${hidden} mount --bind /dev/null /run/$s; done; '"${run}"`;
    expect(await as("root", alone)).toMatch(
      /^fairlead-runtime: reach systemd: --systemd-cgroup needs a host with systemd: .*refused/,
    );
    expect(await as("root", "$R list -q; systemctl list-units --plain --all 'fairlead-*'")).toMatch(
      /^\s*0 loaded units/m,
    );
  });

  it.each([
    ["/fairlead/one", {}, /cgroupsPath: .*must be SLICE:PREFIX:NAME/],
    ["a--b.slice:x:y", {}, /cgroupsPath: a--b\.slice: is not the name of a slice/],
    ["../x.slice:x:y", {}, /is not the name of a slice/],
    [":x:a/b", {}, /is not a name that systemd takes/],
    ["", { "org.systemd.property.TimeoutStopUSec": "{}" }, /annotation: .*must be GVariant text/],
    ["", { "org.systemd.property.NoSuchThing": "true" }, /StartTransientUnit: .*NoSuchThing/],
  ])("refuses the unit %j %j with a reason", async (path, annotations, words) => {
    const folder = await bundle(`bad${serial++}`, (config) => {
      if (path) config.linux.cgroupsPath = path;
      config.annotations = annotations;
    });
    expect(await as("root", `$R run -b ${folder} bad`)).toMatch(words);
    expect(await as("root", "$R list -q")).toBe("");
  });
  let serial = 0;

  it("lets an ordinary user lead a container in a namespace of its own", async () => {
    const ids = (id: number) => [{ containerID: 0, hostID: id, size: 1 }];
    const user = (resources: object, args: string[]) => (config: Config) => {
      sleeps("", resources)(config);
      config.process.args = args;
      config.linux.uidMappings = ids(1000);
      config.linux.gidMappings = ids(1000);
      config.linux.namespaces.push({ type: "user" });
      const pts = config.mounts.find((mount: Config) => mount.type === "devpts");
      pts.options = pts.options.filter((option: string) => !option.startsWith("gid="));
    };
    const folder = await bundle("mine", user({}, ["sleep", "1000"]), "deploy");
    const start = detached(folder, "mine");
    const end = "$R kill mine KILL; sleep 0.5; $R delete mine; $R list -q";
    expect(await as("deploy", `${start}; $R exec mine id -u; ${end}`, "")).toBe("0\n");
    expect(await as("deploy", start, "--rootless=false")).toMatch(/make cgroup: .*denied/);
    const scope = "systemctl --user --plain --no-legend list-units fairlead-mine.scope";
    // A session's processes may not go to the groups of user@.service by themselves.
    const group = "$R exec mine cat /proc/self/cgroup | grep ^0:";
    expect(await as("deploy", `${start}; ${scope}; ${group}; ${end}; ${scope}`)).toMatch(
      /^fairlead-mine\.scope loaded active running fairlead container mine\s*\n0::\/\n$/,
    );

    const limited = await bundle("less", user({ pids: { limit: 5 } }, ["true"]), "deploy");
    expect(await as("deploy", `$R run -b ${limited} less; $R list -q`, "")).toMatch(
      /^fairlead-runtime: limit pids: this user may make no cgroup there: .*denied; leave/,
    );
    const plain = await bundle("plain", () => {}, "deploy");
    expect(await as("deploy", `$R run -b ${plain} plain`, "--rootless true")).toMatch(
      /an ordinary user needs a user namespace in the configuration/,
    );
    expect(await as("deploy", "$R list", "--rootless=perhaps")).toMatch(
      /--rootless must be true, false or auto/,
    );
  });

  it("maps the ranges that an ordinary user was given, and no others", async () => {
    const mapped = (hostId: number) => (config: Config) => {
      config.process.args = ["sh", "-c", "id -u; cat /proc/self/uid_map"];
      config.process.user = { uid: 7, gid: 7 };
      config.linux.namespaces.push({ type: "user" });
      config.linux.uidMappings = config.linux.gidMappings = [
        { containerID: 0, hostID: 1000, size: 1 },
        { containerID: 1, hostID: hostId, size: 1000 },
      ];
    };
    const range = await as("root", "grep ^deploy: /etc/subuid");
    const first = Number(range.split(":")[1]);
    const good = await bundle("good", mapped(first), "deploy");
    expect((await as("deploy", `$R run -b ${good} good`, "")).split(/\s+/)).toEqual([
      "7",
      "0",
      "1000",
      "1",
      "1",
      String(first),
      "1000",
      "",
    ]);
    const bad = await bundle("bad", mapped(2000), "deploy");
    expect(await as("deploy", `$R run -b ${bad} bad`, "")).toMatch(/map ids: .*newuidmap/);
  });
});
