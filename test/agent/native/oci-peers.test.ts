// What callers know from runc and crun, where the two agree: each case is an input and the answer
// that both gave to it.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, type Config, hierarchies, missing, until } from "./bundle.ts";
import { type Case, check, fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const passwd = (root: string) =>
  writeFileSync(
    join(root, "etc/passwd"),
    `${"x".repeat(20_000)}\nroot:x:0:0:root:/root:/bin/sh\nweb:x:7:7:w:/srv/web:/bin/sh`,
  );
const as = (uid: number) => (c: Config, root: string) => {
  passwd(root);
  c.process.user = { uid, gid: 0 };
};

const CASES: Case[] = [
  { title: "HOME of root", line: "echo $HOME", edit: as(0), out: "/root" },
  { title: "HOME of another user", line: "echo $HOME", edit: as(7), out: "/srv/web" },
  { title: "HOME of nobody's number", line: "echo $HOME", edit: as(77), out: "/" },
  { title: "HOME without a passwd", line: "echo $HOME", out: "/" },
  {
    title: "HOME with a passwd that is no file",
    line: "echo $HOME",
    edit: (c, root) => {
      spawnSync("mkfifo", [join(root, "etc/passwd")]);
      c.process.user = { uid: 7, gid: 0 };
    },
    out: "/",
  },
  {
    title: "HOME that is given",
    line: "echo $HOME",
    edit: (c, root) => {
      passwd(root);
      c.process.env.push("HOME=/given");
    },
    out: "/given",
  },
  {
    title: "the last of variables with one name",
    line: "env | grep ^A; env | grep -c ^A",
    edit: (c) => c.process.env.push("A=1", "B=2", "A=3"),
    out: "A=3\n1",
  },
  {
    title: "a working directory that is missing, made for root",
    line: "pwd; stat -c '%a %u' .",
    edit: (c) => {
      c.process.cwd = "/made/here";
      c.process.user = { uid: 7, gid: 7 };
    },
    out: "/made/here\n755 0",
  },
  {
    title: "a hostname by sysctl refused",
    line: "true",
    edit: (c) => {
      c.linux.sysctl = { "kernel.hostname": "other" };
    },
    err: /set sysctl: kernel.hostname: is what `hostname` of the configuration sets/,
  },
  {
    title: "a device under another name in a user namespace",
    line: "echo lost > /dev/other; stat -c '%t:%T' /dev/other",
    edit: (c, root) => {
      c.linux.devices = [{ path: "/dev/other", type: "c", major: 1, minor: 3, fileMode: 0o666 }];
      c.linux.namespaces.push({ type: "user" });
      c.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      c.linux.gidMappings = c.linux.uidMappings;
      spawnSync("chown", ["-R", "100000:100000", root]);
    },
    out: "1:3",
  },
  {
    title: "a terminal on a read-only /dev",
    line: "tty; touch /dev/x; true",
    edit: (c) => {
      c.process.terminal = true;
      for (const one of c.mounts) if (one.destination === "/dev") one.options.push("ro");
    },
    out: /^\/dev\/pts\/0\ntouch: \/dev\/x: Read-only file system\n$/,
  },
];

const inOwn = (c: Config, type: string) =>
  c.linux.namespaces.filter((space: { type: string }) => space.type !== type);

/** Runs our binary with further words before it, such as taskset. */
function under(words: string[], ...args: string[]) {
  const [program = "", ...rest] = [...words, binary, "--root", join(bench!.folder, "run"), ...args];
  return spawnSync(program, rest, { encoding: "utf8", timeout: 20_000 });
}

describe.skipIf(missing)(`as runc and crun (skipped: ${missing ?? "no"})`, () => {
  describe("has", () => {
    for (const one of CASES) check(bench, one);
  });

  it("enters a root that cannot be pivoted, and leaves nothing of the host's /proc", () => {
    const { id, folder } = bench!.bundle((c) => {
      c.process.args = ["sh", "-c", "ls / | grep -c bin; mount | grep -c ' /proc '"];
    });
    const done = bench!.call(["run", "--no-pivot", "-b", folder, id]);
    expect(done).toEqual({ status: 0, out: "1\n1\n", err: "" });
  });

  it("runs on all processors, also called from one that is bound", () => {
    const { id, folder } = bench!.bundle((c) => {
      c.process.args = ["grep", "Cpus_allowed_list", "/proc/self/status"];
    });
    const all = bench!.call(["run", "-b", folder, id]).out;
    expect(under(["taskset", "-c", "0"], "run", "-b", folder, id).stdout).toBe(all);
    const other = bench!.sleeper();
    const words = ["exec", other, "grep", "Cpus_allowed_list", "/proc/self/status"];
    expect(under(["taskset", "-c", "0"], ...words).stdout).toBe(all);
    bench!.call(["delete", "--force", other]);
  });

  it("keeps the caller's groups where the annotation of crun asks for it", () => {
    const { id, folder } = bench!.bundle((c) => {
      c.process.args = ["id", "-G"];
      c.annotations = { "run.oci.keep_original_groups": "1" };
    });
    const words = ["setpriv", "--groups", "41,42"];
    expect(under(words, "run", "-b", folder, id).stdout).toBe("0 41 42\n");
  });

  it("takes all that exec can be told", () => {
    const id = bench!.sleeper((c, root) => {
      passwd(root);
      c.process.env.push("A=0");
    });
    const exec = (...args: string[]) => bench!.call(["exec", ...args]);
    const groups = exec("-g", "5", "-g", "6", "--user", "3:4", id, "id");
    expect(groups.out).toBe("uid=3 gid=4 groups=5,6\n");
    expect(exec("-e", "A=1", "-e", "A=2", id, "sh", "-c", "env | grep ^A").out).toBe("A=2\n");
    expect(exec("--user", "7", id, "sh", "-c", "echo $HOME").out).toBe("/srv/web\n");
    const unknown = exec("--cap", "CAP_NOPE", id, "true");
    expect(unknown.err).toMatch(/warning: unknown capability CAP_NOPE is left out/);
    expect(unknown.status).toBe(0);
    fails(bench!, ["exec", id, "/etc"], /exec: "\/etc": is a directory: permission denied/);
    fails(bench!, ["exec", "--cwd", "/none", id, "true"], /chdir: \/none: No such file/);
    expect(bench!.call(["pause", id]).status).toBe(0);
    fails(bench!, ["exec", id, "true"], /the container is paused/);
    const line = `"$@" & sleep 0.2; ${binary} --root ${bench!.folder}/run resume ${id}; wait`;
    const words = ["sh", "-c", line, "sh"];
    expect(under(words, "exec", "--ignore-paused", id, "echo", "later").stdout).toBe("later\n");
    bench!.call(["delete", "--force", id]);
  });

  it("runs exec in a group below the container's, when there is one", () => {
    const id = bench!.sleeper();
    const base = `fairlead-test-${process.pid}/${id}`;
    fails(bench!, ["exec", "--cgroup", "part", id, "true"], /open cgroup: .*\/part: No such file/);
    for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, base, "part"));
    const line = "cat /proc/self/cgroup | sed 's/.*://' | sort | uniq -c | wc -l";
    const seen = bench!.call(["exec", "--cgroup", "part", id, "sh", "-c", line]);
    expect(seen).toEqual({ status: 0, out: "1\n", err: "" });
    const inside = ["exec", "--cgroup", "/part", id, "cat", "/proc/self/cgroup"];
    expect(bench!.call(inside).out).toMatch(/^(\d+:[^:]*:\/part\n)+$/);
    bench!.call(["delete", "--force", id]);
  });

  it("refuses a group that is frozen instead of waiting in it", () => {
    const { id, folder } = bench!.bundle();
    const files = hierarchies().flatMap((one) => [
      [join(one, `fairlead-test-${process.pid}`, id), "freezer.state", "FROZEN", "THAWED"],
      [join(one, `fairlead-test-${process.pid}`, id), "cgroup.freeze", "1", "0"],
    ]);
    const made = files.filter(([group = "", file = "", on = ""]) => {
      if (!/freezer|unified|cgroup$/.test(group.split("/fairlead-test")[0] ?? "")) return false;
      mkdirSync(group, { recursive: true });
      return (
        spawnSync("sh", ["-c", `test -e ${group}/${file} && echo ${on} > ${group}/${file}`])
          .status === 0
      );
    });
    expect(made.length).toBeGreaterThan(0);
    fails(bench!, ["run", "-b", folder, id], /create: .*: its cgroup exists and is frozen/);
    for (const [group, file, , off] of made) writeFileSync(join(group!, file!), off!);
    expect(bench!.call(["run", "-b", folder, id]).status).toBe(0);
  });

  it("takes 0 and real-time signals by name", async () => {
    const id = bench!.sleeper((c) => {
      c.process.args = ["sh", "-c", "trap 'echo got > /got' 37; while :; do sleep 0.05; done"];
    });
    expect(bench!.call(["kill", id, "0"]).status).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bench!.call(["kill", id, "SIGRTMIN+3"]).err).toBe("");
    const got = join(bench!.folder, id, "rootfs/got");
    await until(() => spawnSync("test", ["-e", got]).status === 0);
    fails(bench!, ["kill", id, "RTMIN+99"], /is not a signal/);
    bench!.call(["delete", "--force", id]);
  });

  it("kills all processes in the host's namespace, also without the first", async () => {
    const line = "sleep 1000 & sleep 1000 & echo $! > /second; exec sleep 1000";
    const shared = (c: Config) => {
      c.process.args = ["sh", "-c", line];
      c.linux.namespaces = inOwn(c, "pid");
    };
    for (const first of [true, false]) {
      const id = bench!.sleeper(shared);
      const second = join(bench!.folder, id, "rootfs/second");
      await until(() => spawnSync("test", ["-s", second]).status === 0);
      const { pid } = bench!.state(id);
      if (!first) process.kill(pid, "SIGKILL");
      await until(() => first || bench!.state(id).status === "stopped");
      expect(bench!.call(["kill", id, "KILL"])).toEqual({ status: 0, out: "", err: "" });
      await until(() => bench!.call(["ps", "-f", "json", id]).out === "[]\n");
      expect(bench!.call(["delete", id]).err).toBe("");
    }
  });

  it("chooses containers by an expression", () => {
    const ids = [bench!.sleeper(), bench!.sleeper()];
    expect(bench!.call(["kill", "--regex", `^(${ids.join("|")})$`, "KILL"]).err).toBe("");
    expect(bench!.call(["delete", "--force", "--regex", `^(${ids.join("|")})$`]).err).toBe("");
    for (const id of ids) fails(bench!, ["state", id], /does not exist/);
    fails(bench!, ["delete", "--regex", "(", ""], /too many arguments/);
    fails(bench!, ["delete", "--regex", "("], /is not a regular expression/);
  });
});

describe.skipIf(missing)(`hooks (skipped: ${missing ?? "no"})`, () => {
  const tell = (name: string) => ({
    path: "/bin/sh",
    args: ["sh", "-c", `echo "${name} $PWD $LEVEL" >> "$0"`, join(bench!.folder, "told")],
  });

  it("of the container's namespaces run in the bundle, with the process's environment", () => {
    const { id, folder } = bench!.bundle((c) => {
      c.process.env.push("LEVEL=high");
      c.hooks = { createRuntime: [tell("runtime")], createContainer: [tell("container")] };
      c.hooks.createContainer.push({ ...tell("own"), env: ["LEVEL=low"] });
    });
    const done = spawnSync(binary, ["--root", `${bench!.folder}/run`, "run", "-b", folder, id], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(done.stderr).toBe("");
    expect(readFileSync(join(bench!.folder, "told"), "utf8")).toBe(
      `runtime ${folder} \ncontainer ${folder} high\nown ${folder} low\n`,
    );
  });

  for (const kind of ["prestart", "createRuntime", "createContainer", "startContainer"])
    it(`of ${kind} that fail tell how, and what they said`, () => {
      const { id, folder } = bench!.bundle((c, root) => {
        const path = join(kind === "startContainer" ? root : bench!.folder, "fail.sh");
        writeFileSync(path, "#!/bin/sh\necho first; echo second >&2; exit 3\n");
        chmodSync(path, 0o755);
        c.hooks = { [kind]: [{ path: kind === "startContainer" ? "/fail.sh" : path }] };
      });
      const words = /run hook: \S+fail\.sh: exit status 3: first second\n/;
      fails(bench!, ["run", "-b", folder, id], words);
    });

  it("that say more than anybody reads, or leave a process with their pipe, hold up nobody", () => {
    const { id, folder } = bench!.bundle((c) => {
      const lines = ["yes | head -c 1000000", "sleep 30 & exit 0"];
      c.hooks = {
        createRuntime: lines.map((line) => ({ path: "/bin/sh", args: ["sh", "-c", line] })),
      };
    });
    expect(bench!.call(["run", "-b", folder, id])).toEqual({ status: 0, out: "", err: "" });
  });
});
