// The OCI runtime command line: the life of a container over several calls, hooks, terminals, and
// what it says of itself.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, cgroupFile, hierarchies, missing, until } from "./bundle.ts";
import { fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

/** A process that nobody has reaped yet has ended, too. */
const ended = (pid: number) =>
  !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");

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
    fails(bench!, ["resume", id], /the container is created/);
    fails(bench!, ["delete", id], /the container is created, not stopped/);
    expect(bench!.call(["start", id])).toEqual({ status: 0, out: "", err: "" });
    await until(() => existsSync(join(folder, "rootfs/begun")));
    expect(bench!.state(id).status).toBe("running");
    fails(bench!, ["start", id], /the container is running, not created/);
    fails(bench!, ["delete", id], /the container is running, not stopped/);
    expect(bench!.call(["pause", id]).status).toBe(0);
    expect(bench!.state(id).status).toBe("paused");
    fails(bench!, ["exec", id, "true"], /the container is paused/);
    expect(bench!.call(["resume", id]).status).toBe(0);
    expect(JSON.parse(bench!.call(["ps", "--format", "json", id]).out)).toEqual([pid]);
    expect(bench!.call(["kill", id, "KILL"]).status).toBe(0);
    await until(() => bench!.state(id).status === "stopped");
    expect(bench!.state(id).pid).toBe(0);
    fails(bench!, ["kill", id, "TERM"], /the container is stopped/);
    expect(bench!.call(["delete", id])).toEqual({ status: 0, out: "", err: "" });
    fails(bench!, ["state", id], /load container: .*does not exist/);
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

  it("can be created without a process, and not started", async () => {
    const { id, folder } = bench!.bundle((config) => delete config.process);
    fails(bench!, ["run", "-b", folder, id], /run: the configuration has no process/);
    expect(bench!.create(folder, id).err).toBe("");
    expect(bench!.state(id).status).toBe("created");
    fails(bench!, ["start", id], /start: the configuration has no process/);
    await until(() => bench!.state(id).status === "stopped");
    expect(bench!.call(["delete", id]).status).toBe(0);
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

  // Without a file to be written first, run's process starts without being told.
  const ways = (folder: string) => [["run"], ["run", "--pid-file", join(folder, "pid")]];

  it("leaves nothing behind when creation fails", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.mounts.push({ destination: "/x", type: "nosuchfs", source: "x" });
    });
    for (const way of [["create"], ...ways(folder)]) {
      fails(bench!, [...way, "--bundle", folder, id], /mount: \/x: No such device/);
      expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
      expect(cgroupFile(id, "cgroup.procs")).toBeUndefined();
    }
  });

  it("leaves nothing behind when its program cannot be executed", () => {
    const { id, folder } = bench!.bundle((config, root) => {
      writeFileSync(join(root, "bin/noise"), "\x7fnoise", { mode: 0o755 });
      config.process.args = ["noise"];
    });
    for (const way of ways(folder)) {
      fails(bench!, [...way, "--bundle", folder, id], /exec: "noise": exec format error/);
      expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
      expect(cgroupFile(id, "cgroup.procs")).toBeUndefined();
    }
  });

  it("tells of a process that ended before its program", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.linux.resources = { memory: { limit: 4096 } };
    });
    for (const way of [["create"], ...ways(folder), ["run", "--detach"]]) {
      fails(
        bench!,
        [...way, "--bundle", folder, id],
        /create process: it ended before it was ready/,
      );
      expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
      expect(cgroupFile(id, "cgroup.procs")).toBeUndefined();
    }
  });

  it("is recorded and in its groups when it runs, whoever told it to start", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.args = ["sleep", "1000"];
      config.process.oomScoreAdj = 321;
    });
    for (const way of ways(folder)) {
      // A pipe for the container's output would keep this call waiting.
      const silent = ["sh", "-c", 'exec "$@" < /dev/null > /dev/null 2>&1', "sh"];
      const words = ["--root", join(bench!.folder, "run"), ...way, "-d", "-b", folder, id];
      const [program = "", ...args] = [...silent, binary, ...words];
      expect(spawnSync(program, args).status).toBe(0);
      const { status, pid } = bench!.state(id);
      expect(status).toBe("running");
      for (const hierarchy of hierarchies()) {
        const group = join(hierarchy, `fairlead-test-${process.pid}`, id);
        expect(readFileSync(join(group, "cgroup.procs"), "utf8").trim()).toBe(`${pid}`);
      }
      const score = bench!.call(["exec", id, "cat", "/proc/1/oom_score_adj"]);
      expect(score).toEqual({ status: 0, out: "321\n", err: "" });
      expect(bench!.call(["delete", "--force", id])).toEqual({ status: 0, out: "", err: "" });
    }
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
      "prestart created",
      "createRuntime created",
      "createContainer created",
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
    fails(
      bench!,
      ["create", "-b", failing.folder, failing.id],
      /run hook: \/bin\/false: exit status 1/,
    );
    const slow = broken({ path: "/bin/sleep", args: ["sleep", "100"], timeout: 1 });
    fails(
      bench!,
      ["create", "-b", slow.folder, slow.id],
      /run hook: \/bin\/sleep: Connection timed out/,
    );
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
      [
        "import socket, array, os, sys",
        "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1)",
        "data, rights, _, _ = s.accept()[0].recvmsg(100, 100)",
        "master = array.array('i', rights[0][2])[0]",
        "out = b''",
        "while out.count(b'\\n') < 3: out += os.read(master, 1000)",
        "print(out.decode())",
      ].join("\n"),
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
    fails(bench!, ["create", "-b", folder, id], /a terminal needs --console-socket here/);
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
    expect(features.linux.cgroup).toMatchObject({ v1: true, v2: true, systemd: true });
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
