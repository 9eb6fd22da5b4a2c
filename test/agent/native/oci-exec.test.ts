// Further processes in a running container, and the limits of its cgroup.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, type Config, cgroupFile, missing } from "./bundle.ts";
import { fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

describe.skipIf(missing)(`exec (skipped: ${missing ?? "no"})`, () => {
  const make = (edit?: (config: Config, root: string) => void) => bench!.sleeper(edit);

  it("joins every namespace and the cgroup, with the container's rights", () => {
    const id = make((config) => {
      config.process.noNewPrivileges = true;
      config.process.oomScoreAdj = 99;
      config.linux.seccomp = {
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
      };
    });
    const line = [
      "for t in pid net ipc uts mnt cgroup",
      "do for p in 1 self; do readlink /proc/$p/ns/$t; done",
      "done | sort | uniq -c | awk '{print $1}'",
      "cut -d: -f3 /proc/self/cgroup | sort -u",
      "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status",
      "cat /proc/self/oom_score_adj",
      "mkdir /x; ls /proc/$$/fd; true",
    ].join("\n");
    const outcome = bench!.call(["exec", id, "sh", "-c", line]);
    expect(outcome.out).toMatch(
      /^(2\n){6}\/\nCapEff:\t0+e3\nNoNewPrivs:\t1\nSeccomp:\t2\n99\n0\n1\n2\n$/,
    );
    expect(outcome.err).toMatch(/Operation not permitted/);
    bench!.call(["delete", "--force", id]);
  });

  it("takes user, directory, environment and exit code", () => {
    const id = make();
    const outcome = bench!.call([
      "exec",
      "-u",
      "7:8",
      "--cwd",
      "/etc",
      "-e",
      "COLOUR=red",
      id,
      "sh",
      "-c",
      "id; pwd; echo $COLOUR; exit 9",
    ]);
    expect(outcome).toEqual({ status: 9, out: "uid=7 gid=8\n/etc\nred\n", err: "" });
    bench!.call(["delete", "--force", id]);
  });

  it("reads stdin, and a process from a file", () => {
    const id = make();
    expect(bench!.call(["exec", id, "cat"], "through").out).toBe("through");
    const file = join(bench!.folder, "process.json");
    writeFileSync(
      file,
      JSON.stringify({
        user: { uid: 3, gid: 3 },
        args: ["sh", "-c", "id -u; ulimit -n"],
        env: ["PATH=/bin"],
        cwd: "/",
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 50, hard: 60 }],
      }),
    );
    expect(bench!.call(["exec", "--process", file, id])).toEqual({
      status: 0,
      out: "3\n50\n",
      err: "",
    });
    bench!.call(["delete", "--force", id]);
  });

  it("stays on the processors it is given", () => {
    const id = make();
    const file = join(bench!.folder, "pinned.json");
    const args = ["grep", "Cpus_allowed_list", "/proc/self/status"];
    const last = String(cpus().length - 1);
    const affinity = { initial: "0", final: last };
    const process = { args, env: ["PATH=/bin"], cwd: "/", execCPUAffinity: affinity };
    writeFileSync(file, JSON.stringify(process));
    expect(bench!.call(["exec", "--process", file, id]).out).toBe(`Cpus_allowed_list:\t${last}\n`);
    bench!.call(["delete", "--force", id]);
  });

  it("says when the program is missing, not executable or a directory", () => {
    const id = make((_config, root) => {
      writeFileSync(join(root, "etc/plain"), "text");
    });
    fails(bench!, ["exec", id, "nosuch"], /exec: "nosuch": executable file not found in \$PATH/);
    fails(bench!, ["exec", id, "/no/such"], /exec: "\/no\/such": no such file or directory/);
    fails(bench!, ["exec", id, "/etc/plain"], /exec: "\/etc\/plain": permission denied/);
    fails(bench!, ["exec", id, "/etc"], /exec: "\/etc": is a directory/);
    fails(bench!, ["exec", "--cwd", "/nowhere", id, "true"], /chdir: \/nowhere: No such file/);
    bench!.call(["delete", "--force", id]);
  });

  it("works in a user namespace, a time namespace and without a mount namespace", () => {
    const id = make((config, root) => {
      config.linux.namespaces.push({ type: "user" }, { type: "time" });
      config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.timeOffsets = { boottime: { secs: 1_000_000_000 } };
      spawnSync("chown", ["100000:100000", root]);
    });
    const outcome = bench!.call([
      "exec",
      id,
      "sh",
      "-c",
      "id -u; cut -c1-2 /proc/uptime; awk '{print $2}' /proc/self/uid_map",
    ]);
    expect(outcome).toEqual({ status: 0, out: "0\n10\n100000\n", err: "" });
    bench!.call(["delete", "--force", id]);
  });
});

describe.skipIf(missing)(`limits (skipped: ${missing ?? "no"})`, () => {
  const read = (id: string, ...names: string[]) => {
    const path = cgroupFile(id, ...names);
    return path && readFileSync(path, "utf8").trim();
  };

  it("are set at create and changed by update", () => {
    const id = bench!.sleeper((config) => {
      config.linux.resources = {
        memory: { limit: 64 << 20, swap: 64 << 20, reservation: 32 << 20 },
        cpu: { shares: 512, quota: 50_000, period: 100_000, cpus: "0" },
        pids: { limit: 20 },
      };
    });
    const memory = () => read(id, "memory.limit_in_bytes", "memory.max");
    const cpu = () => read(id, "cpu.cfs_quota_us", "cpu.max");
    expect(memory()).toBe(String(64 << 20));
    expect(cpu()).toMatch(/^50000/);
    expect(read(id, "pids.max")).toBe("20");
    expect(read(id, "cpuset.cpus")).toBe("0");
    expect(read(id, "cpu.shares", "cpu.weight")).toMatch(/^(512|20)$/);
    expect(bench!.call(["update", "--memory", "96m", "--memory-swap", "128m", id]).err).toBe("");
    expect(memory()).toBe(String(96 << 20));
    expect(bench!.call(["update", "--memory", "32m", "--memory-swap", "32m", id]).err).toBe("");
    expect(memory()).toBe(String(32 << 20));
    const resources = JSON.stringify({ cpu: { quota: 20_000 }, pids: { limit: 7 } });
    expect(bench!.call(["update", "--resources", "-", id], resources).err).toBe("");
    expect(cpu()).toMatch(/^20000/);
    expect(read(id, "pids.max")).toBe("7");
    fails(
      bench!,
      ["update", "--resources", "-", id],
      /pids\.limit: must be a whole number/,
      '{"pids":{"limit":"x"}}',
    );
    bench!.call(["delete", "--force", id]);
  });

  it("hold: processes beyond the number are refused, memory beyond the limit kills", () => {
    const many = bench!.sh("for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait", (config) => {
      config.linux.resources = { pids: { limit: 5 } };
    });
    expect(many.err).toMatch(/Resource temporarily unavailable/);
    const hungry = bench!.sh("head -c 200m /dev/zero | tail; echo ended $?", (config) => {
      config.linux.resources = { memory: { limit: 16 << 20, swap: 16 << 20 } };
    });
    expect(hungry.out).toBe("ended 137\n");
  });

  it("hold on a host with nothing but cgroup v2, seen from a view of its own", () => {
    const view = [
      "mount --make-rprivate / && umount -R -l /sys/fs/cgroup",
      "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
      'exec "$@"',
    ].join(" && ");
    const { id, folder } = bench!.bundle((config) => {
      config.linux.resources = {
        devices: [
          { allow: false, access: "rwm" },
          { allow: true, type: "c", major: 1, minor: 11, access: "w" },
        ],
        hugepageLimits: [{ pageSize: "2MB", limit: 4 << 20 }],
        unified: { "cgroup.max.depth": "3" },
      };
      config.linux.devices = [{ path: "/dev/kmsg", type: "c", major: 1, minor: 11 }];
      config.mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" });
      const line = [
        "cat /proc/self/cgroup | grep ^0; cd /sys/fs/cgroup",
        "cat hugetlb.2MB.max cgroup.max.depth; head -c1 /dev/kmsg",
        "head -c1 /dev/zero > /dev/null && echo zero",
        "mknod /tmp/m c 1 1 && head -c1 /tmp/m",
      ].join("; ");
      config.process.args = ["sh", "-c", line];
      for (const set of ["bounding", "effective", "permitted"])
        config.process.capabilities[set].push("CAP_MKNOD");
    });
    const run = ["--root", join(bench!.folder, "run"), "run", "-b", folder, id];
    const done = spawnSync("unshare", ["-m", "sh", "-ec", view, "sh", binary, ...run], {
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(done.stdout).toBe("0::/\n4194304\n3\nzero\n");
    expect(done.stderr).toMatch(/\/dev\/kmsg: Operation not permitted/);
    expect(done.stderr).toMatch(/\/tmp\/m: Operation not permitted/);
    expect(cgroupFile(id, "cgroup.procs")).toBeUndefined();
  });

  it("keep devices away that no rule allows", () => {
    const outcome = bench!.sh(
      "cat /dev/null && echo null; head -c1 /dev/zero >/dev/null && echo zero; head -c1 /dev/kmsg",
      (config) => {
        config.process.capabilities.permitted.push("CAP_SYSLOG");
        config.linux.devices = [{ path: "/dev/kmsg", type: "c", major: 1, minor: 11 }];
        config.linux.resources = { devices: [{ allow: false, access: "rwm" }] };
      },
    );
    expect(outcome.out).toBe("null\nzero\n");
    expect(outcome.err).toMatch(/\/dev\/kmsg: Operation not permitted/);
  });
});
