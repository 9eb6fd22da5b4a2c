// The OCI runtime command line: the life of a container over several calls, exec, limits, hooks,
// and errors that say what is wrong.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, type Config, cgroupFile, hierarchies, missing } from "./bundle.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

async function until(what: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!what()) {
    if (Date.now() > end) throw new Error("it did not happen in time");
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** A process that nobody has reaped yet has ended, too. */
const ended = (pid: number) =>
  !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");

const fails = (args: string[], message: RegExp, input?: string) => {
  const outcome = bench!.call(args, input);
  expect(outcome.err).toMatch(message);
  expect(outcome.status).toBe(1);
};

describe.skipIf(missing)(`the life of a container (skipped: ${missing ?? "no"})`, () => {
  it("goes from created over running and paused to stopped and gone", async () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.args = ["sh", "-c", "echo begun > /begun; exec sleep 1000"];
      config.annotations = { "a/b": 'quote"d' };
    });
    expect(bench!.create(folder, id)).toEqual({ status: 0, out: "", err: "" });
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect(bench!.state(id)).toEqual({
      ociVersion: "1.3.0",
      id,
      status: "created",
      pid,
      bundle: folder,
      annotations: { "a/b": 'quote"d' },
    });
    expect(existsSync(join(folder, "rootfs/begun"))).toBe(false);
    fails(["resume", id], /the container is created/);
    expect(bench!.call(["start", id])).toEqual({ status: 0, out: "", err: "" });
    await until(() => existsSync(join(folder, "rootfs/begun")));
    expect(bench!.state(id).status).toBe("running");
    fails(["start", id], /the container is running, not created/);
    fails(["delete", id], /the container is running, not stopped/);
    expect(bench!.call(["pause", id]).status).toBe(0);
    expect(bench!.state(id).status).toBe("paused");
    fails(["exec", id, "true"], /the container is paused/);
    expect(bench!.call(["resume", id]).status).toBe(0);
    expect(JSON.parse(bench!.call(["ps", "--format", "json", id]).out)).toEqual([pid]);
    expect(bench!.call(["kill", id, "KILL"]).status).toBe(0);
    await until(() => bench!.state(id).status === "stopped");
    expect(bench!.state(id).pid).toBe(0);
    fails(["kill", id, "TERM"], /the container is stopped/);
    expect(bench!.call(["delete", id])).toEqual({ status: 0, out: "", err: "" });
    fails(["state", id], /load container: .*does not exist/);
    expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
    for (const hierarchy of hierarchies())
      expect(existsSync(join(hierarchy, `fairlead-test-${process.pid}`, id))).toBe(false);
  });

  it("ends with 128 and the signal in the foreground", async () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.args = ["sleep", "1000"];
    });
    const child = spawn(binary, ["--root", `${bench!.folder}/run`, "run", "-b", folder, id]);
    const ended = new Promise((done) => child.on("close", done));
    await until(() => bench!.call(["state", id]).out.includes('"running"'));
    bench!.call(["kill", id, "9"]);
    expect(await ended).toBe(137);
    expect(bench!.call(["list", "-q"]).out).not.toContain(id);
  });

  it("is listed with its state", () => {
    const id = bench!.sleeper();
    const listed = JSON.parse(bench!.call(["list", "--format", "json"]).out);
    const own = listed.find((one: { id: string }) => one.id === id);
    expect(own).toMatchObject({ id, status: "running", ociVersion: "1.3.0" });
    expect(Date.parse(own.created)).toBeGreaterThan(Date.now() - 60_000);
    expect(bench!.call(["list"]).out).toMatch(new RegExp(`${id}\\s+\\d+\\s+running`));
    expect(bench!.call(["delete", "--force", id]).status).toBe(0);
    expect(bench!.call(["delete", "--force", id]).status).toBe(0);
  });

  it("leaves nothing behind when creation fails", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.mounts.push({ destination: "/x", type: "nosuchfs", source: "x" });
    });
    fails(["create", "--bundle", folder, id], /mount: x: No such device/);
    expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
    expect(cgroupFile(id, "cgroup.procs")).toBeUndefined();
  });

  it("kills everything in it, also without a pid namespace", async () => {
    const id = bench!.sleeper((config) => {
      config.linux.namespaces = config.linux.namespaces.filter(
        (space: { type: string }) => space.type !== "pid",
      );
      config.process.args = ["sh", "-c", "sleep 1001 & sleep 1002 & wait"];
    });
    const pids = () => JSON.parse(bench!.call(["ps", "-f", "json", id]).out);
    await until(() => pids().length === 3);
    const before = pids();
    expect(bench!.call(["delete", "--force", id])).toEqual({ status: 0, out: "", err: "" });
    await until(() => before.every(ended));
  });
});

describe.skipIf(missing)(`exec (skipped: ${missing ?? "no"})`, () => {
  const make = (edit?: (config: Config, root: string) => void) => bench!.sleeper(edit);

  it("joins every namespace and the cgroup, with the container's rights", () => {
    const id = make((config) => {
      config.process.noNewPrivileges = true;
      config.linux.seccomp = {
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
      };
    });
    const line =
      "for t in pid net ipc uts mnt cgroup; do for p in 1 self; do readlink /proc/$p/ns/$t; done; done | sort | uniq -c | awk '{print $1}'; cut -d: -f3 /proc/self/cgroup | sort -u; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; mkdir /x; ls /proc/$$/fd; true";
    const outcome = bench!.call(["exec", id, "sh", "-c", line]);
    expect(outcome.out).toMatch(
      /^(2\n){6}\/\nCapEff:\t0+e3\nNoNewPrivs:\t1\nSeccomp:\t2\n0\n1\n2\n$/,
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

  it("says when the program is missing, not executable or a directory", () => {
    const id = make((_config, root) => {
      writeFileSync(join(root, "etc/plain"), "text");
    });
    fails(["exec", id, "nosuch"], /exec: "nosuch": executable file not found in \$PATH/);
    fails(["exec", id, "/no/such"], /exec: "\/no\/such": no such file or directory/);
    fails(["exec", id, "/etc/plain"], /exec: "\/etc\/plain": permission denied/);
    fails(["exec", id, "/etc"], /exec: "\/etc": is a directory/);
    fails(["exec", "--cwd", "/nowhere", id, "true"], /chdir: \/nowhere: No such file/);
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

describe.skipIf(missing)(`hooks (skipped: ${missing ?? "no"})`, () => {
  it("run in their order and place, with the state on stdin", () => {
    const { id, folder } = bench!.bundle((config, root) => {
      const log = join(root, "../hooks.log");
      writeFileSync(log, "");
      const hook = (name: string, path = "/bin/sh", to = log) => [
        {
          path,
          args: ["sh", "-c", `s=$(cat); echo "${name} $s" >> ${to}`],
          env: ["PATH=/bin:/usr/bin"],
        },
      ];
      config.process.args = ["sh", "-c", "cat /inner.log; rm /inner.log"];
      config.hooks = {
        prestart: hook("prestart"),
        createRuntime: hook("createRuntime"),
        createContainer: hook("createContainer"),
        startContainer: hook("startContainer", "/bin/sh", "/inner.log"),
        poststart: hook("poststart"),
        poststop: hook("poststop"),
      };
    });
    const outcome = bench!.call(["run", "-b", folder, id]);
    expect(outcome.err).toBe("");
    expect(outcome.out).toMatch(/^startContainer .*"status":"created"/);
    const lines = readFileSync(join(folder, "hooks.log"), "utf8").trim().split("\n");
    const seen = lines.map((line) => {
      const state = JSON.parse(line.slice(line.indexOf(" ")));
      expect(state).toMatchObject({ id, bundle: folder });
      return `${line.split(" ")[0]} ${state.status}`;
    });
    expect(seen).toEqual([
      "prestart creating",
      "createRuntime creating",
      "createContainer creating",
      "poststart running",
      "poststop stopped",
    ]);
  });

  it("that fail or take too long undo the creation", () => {
    const broken = (hook: object) =>
      bench!.bundle((config) => {
        config.hooks = { createRuntime: [hook] };
      });
    const failing = broken({ path: "/bin/false" });
    fails(["create", "-b", failing.folder, failing.id], /run hook: \/bin\/false: it failed/);
    const slow = broken({ path: "/bin/sleep", args: ["sleep", "100"], timeout: 1 });
    fails(["create", "-b", slow.folder, slow.id], /run hook: \/bin\/sleep: Connection timed out/);
    expect(bench!.call(["list", "-q"]).out).not.toMatch(failing.id);
  });
});

describe.skipIf(missing)(`a terminal (skipped: ${missing ?? "no"})`, () => {
  it("is opened in the container and handed over the console socket", async () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.terminal = true;
      config.process.consoleSize = { height: 33, width: 99 };
      config.process.args = ["sh", "-c", "tty; stty size; ls -l /dev/console; exec sleep 100"];
    });
    const socket = join(bench!.folder, "console.sock");
    const receiver = spawn("python3", [
      "-c",
      "import socket,array,os,sys\ns=socket.socket(socket.AF_UNIX);s.bind(sys.argv[1]);s.listen(1);c,_=s.accept()\nd,a,_,_=c.recvmsg(100,100);f=array.array('i',a[0][2])[0]\nout=b''\nwhile out.count(b'\\n')<3: out+=os.read(f,1000)\nprint(out.decode())",
      socket,
    ]);
    let text = "";
    receiver.stdout.on("data", (chunk) => {
      text += chunk;
    });
    await until(() => existsSync(socket));
    const done = bench!.call(["create", "-b", folder, "--console-socket", socket, id]);
    expect(done).toEqual({ status: 0, out: "", err: "" });
    expect(bench!.call(["start", id]).err).toBe("");
    await until(() => text.includes("console"));
    expect(text).toMatch(/\/dev\/pts\/0\s+33 99\s+crw--w----.*\/dev\/console/);
    bench!.call(["delete", "--force", id]);
    receiver.kill();
  });

  it("joins the caller's in the foreground", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.terminal = true;
      config.process.args = ["sh", "-c", "tty; test -t 0 && echo yes; exit 5"];
    });
    const outcome = bench!.call(["run", "-b", folder, id]);
    expect(outcome.out.replaceAll("\r", "")).toBe("/dev/pts/0\nyes\n");
    expect(outcome.status).toBe(5);
  });

  it("is refused without a place to send it", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.terminal = true;
    });
    fails(["create", "-b", folder, id], /a terminal needs --console-socket here/);
  });
});

describe.skipIf(missing)(`a bad configuration (skipped: ${missing ?? "no"})`, () => {
  const cases: { title: string; edit: (config: Config) => void; err: RegExp }[] = [
    {
      title: "an unknown version",
      edit: (c) => (c.ociVersion = "2.0.0"),
      err: /ociVersion: must be a version 1\.x\.y/,
    },
    { title: "no process", edit: (c) => delete c.process, err: /the configuration has no process/ },
    {
      title: "a relative working directory",
      edit: (c) => (c.process.cwd = "x"),
      err: /process\.cwd: must be an absolute path/,
    },
    {
      title: "arguments of the wrong type",
      edit: (c) => (c.process.args = [1]),
      err: /process\.args: must be a string/,
    },
    {
      title: "a NUL byte",
      edit: (c) => (c.process.args = ["a\0b"]),
      err: /must not contain a NUL byte/,
    },
    {
      title: "a limit given twice",
      edit: (c) =>
        (c.process.rlimits = [1, 1].map(() => ({ type: "RLIMIT_CPU", soft: 1, hard: 1 }))),
      err: /rlimits\[1\]\.type: is given twice/,
    },
    {
      title: "an unknown namespace",
      edit: (c) => c.linux.namespaces.push({ type: "moon" }),
      err: /namespaces\[6\]\.type: is not a namespace: moon/,
    },
    {
      title: "a sysctl of the host",
      edit: (c) => (c.linux.sysctl = { "kernel.panic": "1" }),
      err: /set sysctl: kernel\.panic: is not a setting of a namespace/,
    },
    {
      title: "a sysctl path that leads out",
      edit: (c) => (c.linux.sysctl = { "net/../kernel/panic": "1" }),
      err: /set sysctl: .* is not a plain name/,
    },
    {
      title: "a namespace that does not exist",
      edit: (c) => (c.linux.namespaces[1].path = "/run/none"),
      err: /open namespace: \/run\/none: No such file/,
    },
    {
      title: "a cgroup controller the host lacks",
      edit: (c) => (c.linux.resources = { rdma: { mlx: { hcaHandles: 1 } } }),
      err: /limit rdma: this host has no such cgroup controller/,
    },
    {
      title: "mappings without a user namespace",
      edit: (c) => (c.linux.uidMappings = [{ containerID: 0, hostID: 1, size: 1 }]),
      err: /id mappings need a user namespace/,
    },
  ];
  for (const { title, edit, err } of cases)
    it(`is refused with a reason: ${title}`, () => {
      const { id, folder } = bench!.bundle(edit);
      fails(["create", "-b", folder, id], err);
      expect(readdirSync(join(bench!.folder, "run"))).not.toContain(id);
    });

  it("is refused as text that is no JSON, or nested without end", () => {
    const { id, folder } = bench!.bundle();
    writeFileSync(join(folder, "config.json"), "{");
    fails(["create", "-b", folder, id], /parse config\.json: Missing a name for object member/);
    writeFileSync(join(folder, "config.json"), "[".repeat(100_000));
    fails(["create", "-b", folder, id], /nested deeper than 64 levels/);
  });

  it("is refused for an id that is no name", () => {
    const { folder } = bench!.bundle();
    for (const id of ["../x", "a/b", ".", "a b", ""])
      fails(["create", "-b", folder, id], /must be made of letters|is missing/);
  });
});

describe.skipIf(missing)(`the command line (skipped: ${missing ?? "no"})`, () => {
  it("tells its version and features", () => {
    expect(bench!.call(["--version"]).out).toMatch(
      /^fairlead-runtime version .*\ncommit: .*\nspec: 1\.3\.0\n$/,
    );
    const features = JSON.parse(bench!.call(["features"]).out);
    expect(features.hooks).toHaveLength(6);
    expect(features.mountOptions).toContain("rro");
    expect(features.linux.capabilities).toContain("CAP_BPF");
  });

  it("writes a configuration that it accepts, and errors as JSON lines", () => {
    const { id, folder } = bench!.bundle();
    spawnSync("rm", [join(folder, "config.json")]);
    expect(bench!.call(["spec", "-b", folder]).status).toBe(0);
    const log = join(folder, "log");
    const outcome = bench!.call(["--log", log, "--log-format", "json", "create", "-b", folder, id]);
    expect(outcome.status).toBe(1);
    expect(JSON.parse(readFileSync(log, "utf8"))).toMatchObject({
      level: "error",
      msg: "create: a terminal needs --console-socket here",
    });
  });
});
