import { describe, expect, test } from "vitest";
import { customSeccomp, defaultSeccomp, kernelAtLeast } from "../../../agent/runtime/seccomp.ts";
import { buildSpec, type SpecRequest, splitSysctls } from "../../../agent/runtime/spec.ts";
import { chooseCapabilities } from "../../../agent/runtime/spec-capabilities.ts";
import { planDevices } from "../../../agent/runtime/spec-devices.ts";
import { planMounts } from "../../../agent/runtime/spec-mounts.ts";
import { resourcesOf } from "../../../agent/runtime/spec-resources.ts";
import { securityOf } from "../../../agent/runtime/spec-security.ts";
import { healthcheckOf, signalNumber } from "../../../agent/runtime/spec-shim.ts";

const ALL = (1n << 41n) - 1n;
const machine = {
  cgroupVersion: 1,
  architecture: "amd64",
  kernel: "6.1.0",
  bounding: ALL,
} as const;
const context = { ...machine, capabilities: [] as string[] };

const request = (host: object, more: Partial<SpecRequest> = {}): SpecRequest => ({
  host,
  rootfs: "/root",
  process: {
    args: ["sh"],
    env: [],
    cwd: "/",
    uid: 0,
    gid: 0,
    additionalGids: [0],
    tty: false,
    init: undefined,
    consoleSize: undefined,
  },
  hostname: "box",
  domainname: "",
  mounts: [],
  shmSource: undefined,
  namespaces: { network: { path: "/ns" }, ipc: "own", pid: "own" },
  sysctls: {},
  cgroupsPath: "/x/y",
  machine,
  ...more,
});
// biome-ignore lint/suspicious/noExplicitAny: the configuration is looked into by path.
const spec = (host: object, more: Partial<SpecRequest> = {}): any => buildSpec(request(host, more));

describe("config.json", () => {
  test("has Docker's defaults", () => {
    const { process, linux, root, hostname } = spec({});
    expect(root).toEqual({ path: "/root", readonly: false });
    expect(hostname).toBe("box");
    expect(process.capabilities.effective).toHaveLength(14);
    expect(process.oomScoreAdj).toBe(0);
    expect(process.capabilities.bounding).toEqual(process.capabilities.permitted);
    expect(linux.namespaces).toEqual([
      { type: "mount" },
      { type: "network", path: "/ns" },
      { type: "uts" },
      { type: "pid" },
      { type: "ipc" },
    ]);
    expect(linux.maskedPaths).toContain("/proc/kcore");
    expect(linux.readonlyPaths).toContain("/proc/sys");
    expect(linux.seccomp.defaultAction).toBe("SCMP_ACT_ERRNO");
    expect(linux.resources.devices[0]).toEqual({ allow: false, access: "rwm" });
  });

  test("of a user that is not root bounds capabilities and grants none", () => {
    const { process } = spec({}, { process: { ...request({}).process, uid: 5 } });
    expect(process.capabilities.bounding).toHaveLength(14);
    expect(process.capabilities.effective).toEqual([]);
    expect(process.capabilities.permitted).toEqual([]);
  });

  test("of a privileged container hides and filters nothing", () => {
    const { process, linux, mounts } = spec({ Privileged: true });
    expect(process.capabilities.effective).toHaveLength(41);
    expect(linux.maskedPaths).toEqual([]);
    expect(linux.seccomp).toBeUndefined();
    expect(linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]);
    const sys = mounts.find(({ destination }: { destination: string }) => destination === "/sys");
    expect(sys.options).toContain("rw");
  });

  test("gives a private control group namespace where the hierarchy is unified", () => {
    const types = (version: 1 | 2, host = {}) =>
      spec(host, { machine: { ...machine, cgroupVersion: version } }).linux.namespaces.map(
        ({ type }: { type: string }) => type,
      );
    expect(types(1)).not.toContain("cgroup");
    expect(types(2)).toContain("cgroup");
    expect(types(1, { CgroupnsMode: "private" })).toContain("cgroup");
    expect(types(2, { CgroupnsMode: "host" })).not.toContain("cgroup");
  });
});

describe("capabilities", () => {
  const choose = (add: string[], drop: string[]) =>
    chooseCapabilities({ add, drop, privileged: false, bounding: ALL });
  test.each([
    [["net_admin"], [], 15],
    [["CAP_NET_ADMIN"], ["CHOWN"], 14],
    [["ALL"], [], 41],
    [["ALL"], ["SYS_ADMIN"], 40],
    [[], ["all"], 0],
    [["KILL"], ["ALL"], 1],
  ])("with %j and without %j are %i", (add, drop, count) => {
    expect(choose(add, drop)).toHaveLength(count);
  });
  test("never go beyond what the agent has", () => {
    const few = { add: [], drop: [], privileged: true, bounding: 0b1001n };
    expect(chooseCapabilities(few)).toEqual(["CAP_CHOWN", "CAP_FOWNER"]);
  });
  test("that are unknown are refused", () => {
    expect(() => choose(["NOPE"], [])).toThrow('unknown capability: "CAP_NOPE"');
  });
});

describe("the seccomp filter", () => {
  const rulesFor = (name: string, capabilities: string[], architecture = "amd64") =>
    defaultSeccomp({ ...context, capabilities, architecture }).syscalls.filter(({ names }) =>
      names.includes(name),
    );

  test.each([
    ["openat", [], "SCMP_ACT_ALLOW"],
    ["mount", [], undefined],
    ["mount", ["CAP_SYS_ADMIN"], "SCMP_ACT_ALLOW"],
    ["clone3", [], "SCMP_ACT_ERRNO"],
    ["clone3", ["CAP_SYS_ADMIN"], "SCMP_ACT_ALLOW"],
    ["reboot", [], undefined],
    ["reboot", ["CAP_SYS_BOOT"], "SCMP_ACT_ALLOW"],
    ["bpf", ["CAP_BPF"], "SCMP_ACT_ALLOW"],
    ["keyctl", ["CAP_SYS_ADMIN"], undefined],
    ["io_uring_setup", [], undefined],
  ])("treats %s with %j as Docker does", (name, capabilities, action) => {
    expect(rulesFor(name, capabilities)[0]?.action).toBe(action);
  });

  test("lets a plain container make threads, but no namespaces", () => {
    const [rule] = rulesFor("clone", []);
    const mask = { index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" };
    expect(rule?.args).toEqual([mask]);
    expect(rulesFor("socket", [])).toHaveLength(3);
  });

  test("knows the calls of each architecture", () => {
    expect(rulesFor("arch_prctl", [])).toHaveLength(1);
    expect(rulesFor("arch_prctl", [], "arm64")).toHaveLength(0);
    expect(rulesFor("set_tls", [], "arm64")).toHaveLength(1);
    const { architectures } = defaultSeccomp({ ...context, architecture: "arm64" });
    expect(architectures).toEqual(["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  });

  test("resolves a user's conditions", () => {
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
      syscalls: [
        { names: ["a"], action: "SCMP_ACT_ERRNO", includes: { caps: ["CAP_X"] } },
        { names: ["b"], action: "SCMP_ACT_ERRNO", excludes: { arches: ["amd64"] } },
        { name: "c", action: "SCMP_ACT_ERRNO", includes: { minKernel: "5.0" }, errnoRet: 7 },
        { names: ["d"], action: "SCMP_ACT_ERRNO", includes: { minKernel: "99.0" } },
      ],
    };
    const { architectures, syscalls } = customSeccomp(JSON.stringify(profile), context);
    expect(architectures).toEqual(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]);
    expect(syscalls).toEqual([{ names: ["c"], action: "SCMP_ACT_ERRNO", errnoRet: 7 }]);
  });
  test.each(["", "{", "[]", "null", '{"syscalls":[]}', '{"defaultAction":"x","syscalls":[{}]}'])(
    "refuses the profile %j",
    (text) => expect(() => customSeccomp(text, context)).toThrow("SecurityOpt"),
  );
  test("compares kernels by number", () => {
    expect(kernelAtLeast("6.18.44-fc", "5.12")).toBe(true);
    expect(kernelAtLeast("4.9.0", "4.12")).toBe(false);
  });
});

describe("options for the runtime", () => {
  test("of memory and processors become resources", () => {
    expect(resourcesOf({ Memory: 100, NanoCpus: 5e8, PidsLimit: -1, CpusetCpus: "0" })).toEqual({
      memory: { limit: 100, swap: 200 },
      cpu: { period: 100_000, quota: 50_000, cpus: "0" },
      pids: { limit: -1 },
    });
    expect(resourcesOf({})).toEqual({});
    const rates = { BlkioDeviceReadBps: [{ Path: "/dev/null", Rate: 1 }] };
    expect(() => resourcesOf(rates)).toThrow("is not a block device");
  });

  test("of devices become nodes and rules", () => {
    const Devices = [
      { PathOnHost: "/dev/null", PathInContainer: "/dev/x", CgroupPermissions: "r" },
    ];
    const { devices, rules } = planDevices({ Devices, DeviceCgroupRules: ["b 8:* rw"] });
    expect(devices).toMatchObject([{ path: "/dev/x", type: "c", major: 1, minor: 3 }]);
    expect(rules.slice(-2)).toEqual([
      { allow: true, type: "c", major: 1, minor: 3, access: "r" },
      { allow: true, type: "b", major: 8, access: "rw" },
    ]);
    expect(() => planDevices({ DeviceCgroupRules: ["x"] })).toThrow("cgroup rule format");
    expect(() => planDevices({ Devices: [{ PathOnHost: "/nope" }] })).toThrow("custom device");
  });

  test("of security are honoured or refused", () => {
    const of = (...SecurityOpt: string[]) => securityOf({ SecurityOpt }, context);
    expect(of("no-new-privileges").process).toEqual({ noNewPrivileges: true });
    expect(of("no-new-privileges:false").process).toEqual({});
    const writable = ["writable-cgroups", "writable-cgroups=true", "writable-cgroups=false"];
    expect(writable.map((option) => of(option).writableCgroups)).toEqual([true, true, false]);
    expect(of("seccomp=unconfined").seccomp).toBeUndefined();
    expect(of("label=disable", "apparmor=unconfined").process).toEqual({});
    for (const wrong of [
      "nope",
      "label=type:x",
      "no-new-privileges=x",
      "writable-cgroups=1",
      "seccomp=",
      "apparmor=",
    ]) {
      expect(() => of(wrong)).toThrow();
    }
  });

  test("of sysctls are the container's own or refused", () => {
    const own = { network: true, ipc: true };
    const Sysctls = { "net.ipv4.ip_forward": "1", "kernel.msgmax": "9" };
    expect(splitSysctls({ Sysctls }, own)).toEqual({
      network: { "net.ipv4.ip_forward": "1" },
      other: { "kernel.msgmax": "9" },
    });
    for (const key of ["kernel.pid_max", "net/../kernel", "vm.swappiness"]) {
      expect(() => splitSysctls({ Sysctls: { [key]: "1" } }, own)).toThrow("kernel namespace");
    }
    expect(() => splitSysctls({ Sysctls }, { network: false, ipc: true })).toThrow("network");
  });

  test("of mounts come parents first, behind Docker's own", () => {
    const bind = (target: string, readOnly = false) => ({
      type: "bind" as const,
      source: "/s",
      target,
      readOnly,
      propagation: "",
      recursive: true,
      readOnlyBelow: readOnly,
      options: [],
    });
    const mounts = planMounts({
      mounts: [bind("/a/b/c"), bind("/a", true), bind("/dev/shm")],
      privileged: false,
      shmBytes: 1,
      shmSource: undefined,
      hostMqueue: false,
      ownCgroupNamespace: false,
      hostSysfs: false,
      writableCgroups: false,
      terminalGroup: true,
    });
    const targets = mounts.map(({ destination }) => destination);
    expect(targets.slice(-3)).toEqual(["/a", "/dev/shm", "/a/b/c"]);
    expect(targets.filter((target) => target === "/dev/shm")).toHaveLength(1);
    expect(mounts.find(({ destination }) => destination === "/a")?.options).toEqual([
      "rbind",
      "ro",
      "rro",
      "rprivate",
    ]);
  });

  test.each([
    ["TERM", 15],
    ["sigkill", 9],
    ["2", 2],
    ["RTMIN+3", 37],
    ["RTMAX-1", 63],
  ])("of signals: %s is %i", (name, number) => expect(signalNumber(name)).toBe(number));
  test.each(["", "0", "65", "NOPE", "RTMIN+99", "-9"])("of signals: %j is none", (name) => {
    expect(() => signalNumber(name)).toThrow("invalid signal");
  });

  test("of health checks are read", () => {
    expect(healthcheckOf({ Test: ["NONE"] })).toBeUndefined();
    expect(healthcheckOf({ Test: ["CMD-SHELL", "x y"], Interval: 2e9 })).toMatchObject({
      argv: ["/bin/sh", "-c", "x y"],
      intervalMs: 2000,
      timeoutMs: 30_000,
      retries: 3,
      startPeriodMs: 0,
    });
  });
});
