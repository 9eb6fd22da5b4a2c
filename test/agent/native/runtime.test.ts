// What a process in a container sees and may do, observed from within through the built binary.
import { chownSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, type Config, missing } from "./bundle.ts";
import { type Case, check } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const capabilities = (...names: string[]) => ({
  bounding: names,
  effective: names,
  permitted: names,
});

describe.skipIf(missing)(`a process in a container (skipped: ${missing ?? "no"})`, () => {
  it("lives in namespaces of its own", () => {
    const types = ["pid", "net", "ipc", "uts", "mnt", "cgroup"];
    const inside = bench!.sh(types.map((type) => `readlink /proc/self/ns/${type}`).join(";"));
    const outside = types.map((type) => readlinkSync(`/proc/self/ns/${type}`));
    expect(
      inside.out
        .trim()
        .split("\n")
        .map((link) => link.split(":")[0]),
    ).toEqual(types);
    for (const link of inside.out.trim().split("\n")) expect(outside).not.toContain(link);
  });

  const cases: Case[] = [
    { title: "is the first of its pid namespace", line: "echo $$", out: "1" },
    { title: "has the configured host name", line: "hostname", out: "inside" },
    { title: "ends with its exit code", line: "exit 42", status: 42 },
    { title: "has a loopback device that is up", line: "ip addr show lo", out: /UP.*127.0.0.1/s },
    {
      title: "runs as the given user and groups",
      line: "id -u; id -g; id -G; umask",
      edit: (c) => {
        c.process.user = { uid: 1000, gid: 1001, additionalGids: [5, 7], umask: 0o27 };
      },
      out: "1000\n1001\n1001 5 7\n0027",
    },
    {
      title: "has the capabilities it was given and no others",
      line: "grep ^Cap /proc/self/status",
      edit: (c) => {
        c.process.capabilities = capabilities("CAP_CHOWN", "CAP_KILL");
      },
      out: /CapInh:\t0+\nCapPrm:\t0+21\nCapEff:\t0+21\nCapBnd:\t0+21\nCapAmb:\t0+\n/,
    },
    {
      title: "keeps ambient capabilities when it is not root",
      line: "grep ^Cap /proc/self/status",
      edit: (c) => {
        c.process.user = { uid: 5, gid: 5 };
        const names = ["CAP_KILL"];
        c.process.capabilities = {
          ...capabilities("CAP_KILL"),
          inheritable: names,
          ambient: names,
        };
      },
      out: /CapInh:\t0+20\nCapPrm:\t0+20\nCapEff:\t0+20\nCapBnd:\t0+20\nCapAmb:\t0+20\n/,
    },
    {
      title: "has none without a capabilities entry",
      line: "grep ^CapBnd /proc/self/status",
      edit: (c) => {
        delete c.process.capabilities;
      },
      out: /CapBnd:\t0+\n/,
    },
    {
      title: "has no new privileges when asked",
      line: "grep NoNewPrivs /proc/self/status",
      edit: (c) => {
        c.process.noNewPrivileges = true;
      },
      out: /NoNewPrivs:\t1/,
    },
    {
      title: "has the resource limits",
      line: "ulimit -Sn; ulimit -Hn; ulimit -c",
      edit: (c) => {
        c.process.rlimits = [
          { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
          { type: "RLIMIT_CORE", soft: 0, hard: 0 },
        ];
      },
      out: "100\n200\n0",
    },
    {
      title: "has the out-of-memory score",
      line: "cat /proc/self/oom_score_adj",
      edit: (c) => {
        c.process.oomScoreAdj = 321;
      },
      out: "321",
    },
    {
      title: "starts in its working directory",
      line: "pwd",
      edit: (c) => {
        c.process.cwd = "/etc";
      },
      out: "/etc",
    },
    {
      title: "sees the sysctls of its namespaces",
      line: "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax",
      edit: (c) => {
        c.linux.sysctl = {
          "net.ipv4.ip_unprivileged_port_start": "77",
          "kernel.msgmax": "12345",
        };
      },
      out: "77\n12345",
    },
    {
      title: "runs under LINUX32 when asked",
      line: "uname -m",
      edit: (c) => {
        c.linux.personality = { domain: "LINUX32" };
      },
      out: /i686|armv8l/,
    },
    {
      title: "has clocks with the given offsets",
      line: "cut -d. -f1 /proc/uptime",
      edit: (c) => {
        c.linux.namespaces.push({ type: "time" });
        c.linux.timeOffsets = { boottime: { secs: 1_000_000_000 } };
      },
      out: /^1[0-9]{9}\n$/,
    },
    {
      title: "finds its program in the PATH of its own environment",
      line: "echo found",
      edit: (c) => {
        c.process.env = ["PATH=/nowhere:/etc:/bin"];
      },
      out: "found",
    },
    {
      title: "gets no descriptor beyond the three",
      line: "ls /proc/$$/fd; true",
      out: "0\n1\n2",
    },
    {
      title: "has its own session, no pending or blocked signals",
      line: "grep -E '^Sig(Blk|Ign)' /proc/self/status; cut -d' ' -f6 /proc/$$/stat",
      out: /SigBlk:\t0+\nSigIgn:\t0+\n1\n/,
    },
  ];
  for (const one of cases) check(bench, one);

  it("is root in a user namespace and somebody else outside", () => {
    const outcome = bench!.sh(
      [
        "id -u; cat /proc/self/uid_map; touch /tmp/x && stat -c %u /tmp/x",
        "grep CapEff /proc/self/status; ls -l /dev/null",
      ].join("\n"),
      (c, root) => {
        c.linux.namespaces.push({ type: "user" });
        c.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
        c.linux.gidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }];
        c.mounts.push({ destination: "/tmp", type: "tmpfs", source: "tmpfs" });
        chownSync(root, 100_000, 200_000);
      },
    );
    expect(outcome.err).toBe("");
    expect(outcome.out).toMatch(/^0\n\s+0\s+100000\s+65536\n0\n/);
    expect(outcome.out).toMatch(/CapEff:\t0+e3\n/);
    expect(outcome.out).toMatch(/crw-rw-rw-.* 1,\s+3 .*\/dev\/null/);
  });
});

describe.skipIf(missing)(`a namespace given by its path (skipped: ${missing ?? "no"})`, () => {
  /** Pins the namespaces of a sleeping container in the configuration of another. */
  const join = (id: string, types: Record<string, string>) => (config: Config) => {
    const { pid } = bench!.state(id);
    for (const space of config.linux.namespaces)
      if (types[space.type]) space.path = `/proc/${pid}/ns/${types[space.type]}`;
  };
  const links = (pid: string, types: string[]) =>
    types.map((type) => readlinkSync(`/proc/${pid}/ns/${type}`)).join("\n");

  it("is shared with who has it", () => {
    const first = bench!.sleeper();
    const types = { network: "net", ipc: "ipc", uts: "uts", pid: "pid" };
    const line = Object.values(types)
      .map((type) => `readlink /proc/self/ns/${type}`)
      .join(";");
    const outcome = bench!.sh(line, (config) => {
      join(first, types)(config);
      config.hostname = "renamed";
    });
    expect(outcome.err).toBe("");
    const { pid } = bench!.state(first);
    expect(outcome.out.trim()).toBe(links(String(pid), Object.values(types)));
    expect(bench!.call(["exec", first, "hostname"]).out).toBe("renamed\n");
    bench!.call(["delete", "--force", first]);
  });

  it("of the network can be the host's while the users are mapped", () => {
    const first = bench!.sleeper();
    const outcome = bench!.sh(
      "id -u; ls /sys/class/net; ip link | grep -c LOOPBACK",
      (config, root) => {
        join(first, { network: "net" })(config);
        config.linux.namespaces.push({ type: "user" });
        config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
        config.linux.gidMappings = config.linux.uidMappings;
        config.linux.maskedPaths = ["/proc/keys"];
        chownSync(root, 100_000, 100_000);
      },
    );
    expect(outcome).toMatchObject({ status: 0, err: "" });
    expect(outcome.out).toMatch(/^0\n.*1\n$/s);
    bench!.call(["delete", "--force", first]);
  });

  it("of users is joined with their rights", () => {
    const mapped = (config: Config, root: string) => {
      config.linux.namespaces.push({ type: "user" });
      config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.gidMappings = config.linux.uidMappings;
      chownSync(root, 100_000, 100_000);
    };
    const first = bench!.sleeper(mapped);
    const outcome = bench!.sh("id -u; awk '{print $2}' /proc/self/uid_map", (config, root) => {
      mapped(config, root);
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
      join(first, { user: "user" })(config);
    });
    expect(outcome).toEqual({ status: 0, out: "0\n100000\n", err: "" });
    bench!.call(["delete", "--force", first]);
  });
});

describe.skipIf(missing)(`a seccomp profile (skipped: ${missing ?? "no"})`, () => {
  const profile = (action: string, extra: object = {}) => ({
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    syscalls: [{ names: ["mkdir", "mkdirat"], action, ...extra }],
  });
  const cases: Case[] = [
    {
      title: "refuses a call with the given errno",
      line: "mkdir /tmp/x || ls /tmp",
      edit: (c) => {
        c.linux.seccomp = profile("SCMP_ACT_ERRNO", { errnoRet: 28 });
      },
      err: /No space left on device/,
    },
    {
      title: "kills where it says so",
      line: "mkdir /tmp/x; echo survived $?",
      edit: (c) => {
        c.linux.seccomp = profile("SCMP_ACT_KILL_PROCESS");
      },
      out: /survived 159/,
      err: /Bad system call/,
    },
    {
      title: "works with and without new privileges, and as another user",
      line: "grep -E '^Seccomp:|CapEff' /proc/self/status",
      edit: (c) => {
        c.process.user = { uid: 7, gid: 7 };
        c.linux.seccomp = profile("SCMP_ACT_ERRNO");
      },
      out: /CapEff:\t0+\nSeccomp:\t2/,
    },
    {
      title: "answers ENOSYS for calls newer than those it knows",
      line: "echo fine",
      edit: (c) => {
        const names = JSON.parse(
          readFileSync("/usr/share/containers/seccomp.json", "utf8"),
        ).syscalls.flatMap((rule: { names: string[] }) => rule.names);
        c.linux.seccomp = {
          defaultAction: "SCMP_ACT_ERRNO",
          syscalls: [{ names, action: "SCMP_ACT_ALLOW" }],
        };
      },
      out: "fine",
    },
    {
      title: "is refused with an unknown action",
      line: "true",
      edit: (c) => {
        c.linux.seccomp = profile("SCMP_ACT_NONSENSE");
      },
      status: 1,
      err: /linux\.seccomp\.syscalls\[0\]\.action: is not known: SCMP_ACT_NONSENSE/,
    },
  ];
  for (const one of cases) check(bench, one);
});
