// Attacks that need more than an image: somebody who changes the root while a container is made,
// and a container that waits, with a /proc of its own making, for the next exec into it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, type Config, missing } from "./bundle.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const outside = bench ? join(bench.folder, "outside") : "";
if (bench) {
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "the host's\n");
}
const untouched = () => {
  expect(readdirSync(outside)).toEqual(["file"]);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("the host's\n");
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(outside);
};
const upwards = `${"../".repeat(20)}${outside.slice(1)}`;
const ATTEMPTS = 20;

/** Exchanges two entries of a folder as fast as it can, until it is killed. */
function exchange(folder: string, one: string, other: string): ChildProcess {
  const script = [
    'const { renameSync } = require("node:fs");',
    "process.chdir(process.argv[1]); const [, , one, other] = process.argv;",
    "for (;;) {",
    '  renameSync(one, "aside"); renameSync(other, one); renameSync("aside", other);',
    "}",
  ].join("\n");
  return spawn(process.execPath, ["-e", script, folder, one, other], { stdio: "ignore" });
}

/** Runs a container again and again while two entries of its root change places. */
async function race(
  [folder, one, other]: [string, string, string],
  line: string,
  edit: (config: Config, root: string) => void,
  check: (out: string) => void,
): Promise<void> {
  const { id, folder: bundle } = bench!.bundle((config, root) => {
    config.process.args = ["sh", "-c", line];
    edit(config, root);
  });
  const attacker = exchange(join(bundle, "rootfs", folder), one, other);
  let made = 0;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { status, out } = bench!.call(["run", "-b", bundle, id]);
      if (status === 0) {
        made++;
        check(out);
      } else if (existsSync(join(bench!.folder, "run", id))) {
        bench!.call(["delete", "--force", id]);
      }
    }
  } finally {
    const ended = new Promise((done) => attacker.on("close", done));
    attacker.kill("SIGKILL");
    await ended;
  }
  expect(made, "no attempt came through, so nothing was tried").toBeGreaterThan(0);
  untouched();
}

const without = (config: Config, destination: string) => {
  config.mounts = config.mounts.filter(
    (mount: { destination: string }) => !mount.destination.startsWith(destination),
  );
};

describe.skipIf(missing)(`who changes the root meanwhile (skipped: ${missing ?? "no"})`, () => {
  it("cannot have /proc mounted elsewhere, nor a fake one taken for it (CVE-2023-27561)", () => {
    let target = "";
    return race(
      [".", "proc", "fake"],
      "stat -f -c %t /proc; cat /proc/1/comm",
      (_config, root) => {
        mkdirSync(join(root, "proc"));
        symlinkSync(upwards, join(root, "fake"));
        target = join(root, outside);
      },
      // The place may be exchanged again while the container runs; it is procfs or not there.
      (out) => {
        expect(out).toMatch(/^(9fa0\n)?(cat\n)?$/);
        expect(existsSync(target), "what the link leads to was made").toBe(false);
      },
    );
  });

  it("cannot have a mask put elsewhere, nor left out (CVE-2025-31133)", () =>
    race(
      ["dev", "null", "link"],
      "stat -c '%F %t:%T' /etc/secret; cat /etc/secret",
      (config, root) => {
        without(config, "/dev");
        mkdirSync(join(root, "dev"));
        writeFileSync(join(root, "dev/null"), "");
        symlinkSync(join(outside, "file"), join(root, "dev/link"));
        writeFileSync(join(root, "etc/secret"), "secret");
        config.linux.maskedPaths = ["/etc/secret"];
      },
      (out) => expect(out).toBe("character special file 1:3\n"),
    ));

  it("cannot have the console put elsewhere (CVE-2025-52565)", () =>
    race(
      ["dev", "console", "link"],
      "test -c /dev/console || echo none",
      (config, root) => {
        config.process.terminal = true;
        config.mounts = config.mounts.filter(
          ({ destination }: { destination: string }) => destination !== "/dev",
        );
        mkdirSync(join(root, "dev/pts"), { recursive: true });
        writeFileSync(join(root, "dev/console"), "");
        symlinkSync(join(outside, "file"), join(root, "dev/link"));
      },
      () => {},
    ));

  it("cannot have a volume's mount put elsewhere", () =>
    race(
      ["srv", "a", "b"],
      "grep -c ' /srv/a/deep ' /proc/mounts",
      (config, root) => {
        mkdirSync(join(root, "srv/a"), { recursive: true });
        symlinkSync(upwards, join(root, "srv/b"));
        config.mounts.push({ destination: "/srv/a/deep", type: "tmpfs", source: "tmpfs" });
      },
      () => {},
    ));
});

describe.skipIf(missing)(`a container that waits (skipped: ${missing ?? "no"})`, () => {
  const FAKES = ["attr/exec", "attr/current", "attr/apparmor/exec", "oom_score_adj", "setgroups"];

  it("swallows no write that was meant for the kernel by a fake /proc (CVE-2025-52881)", () => {
    const capabilities = ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID"];
    const sets = { bounding: capabilities, effective: capabilities, permitted: capabilities };
    const id = bench!.sleeper((config) => {
      config.process.capabilities = sets;
    });
    const lines = [
      "set -e",
      "mount -t tmpfs fake /proc",
      ...["self", "thread-self"].flatMap((own) => [
        `mkdir -p /proc/${own}/attr/apparmor /proc/${own}/fd`,
        ...FAKES.map((name) => `printf untouched > /proc/${own}/${name}`),
      ]),
      "mkdir -p /proc/sys/kernel; printf untouched > /proc/sysrq-trigger",
    ];
    expect(bench!.call(["exec", id, "sh", "-c", lines.join("\n")])).toMatchObject({ err: "" });
    const process = {
      args: ["sh", "-c", "cat /proc/*self/attr/* /proc/*self/oom* /proc/sysrq-trigger 2>&1"],
      cwd: "/",
      env: ["PATH=/bin"],
      user: { uid: 0, gid: 0 },
      oomScoreAdj: 321,
      noNewPrivileges: true,
      capabilities: sets,
    };
    const file = join(bench!.folder, "process.json");
    writeFileSync(file, JSON.stringify(process));
    const { out, err } = bench!.call(["exec", "--process", file, id]);
    expect(err).toBe("");
    expect(out.replaceAll(/cat: read error: Is a directory\n?/g, "")).toMatch(/^(untouched)+$/);
    // What was asked for is so all the same, as the host sees it.
    const waiting = { ...process, args: ["sleep", "999"] };
    writeFileSync(file, JSON.stringify(waiting));
    const pidFile = join(bench!.folder, "exec-pid");
    const root = ["--root", join(bench!.folder, "run")];
    const exec = ["exec", "--detach", "--pid-file", pidFile, "--process", file, id];
    // Without pipes, which the process would keep open.
    expect(spawnSync(binary, [...root, ...exec], { stdio: "ignore" }).status).toBe(0);
    const pid = readFileSync(pidFile, "utf8");
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim()).toBe("321");
    expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/NoNewPrivs:\s*1/);
    bench!.call(["delete", "--force", id]);
  });

  it("has no kernel setting written to a file of its image (CVE-2025-52881)", () => {
    const setting = "proc/sys/net/ipv4/ip_forward";
    let file = "";
    const { err } = bench!.sh("true", (config, root) => {
      without(config, "/proc");
      file = join(root, setting);
      mkdirSync(join(file, ".."), { recursive: true });
      symlinkSync(join(outside, "file"), file);
      config.linux.sysctl = { "net.ipv4.ip_forward": "1" };
      config.linux.maskedPaths = [];
      config.linux.readonlyPaths = [];
    });
    expect(err).toBe("");
    untouched();
  });

  it("cannot keep the next exec's directory outside the root (CVE-2024-21626)", () => {
    const leaked = openSync("/", "r");
    const id = bench!.sleeper();
    for (let fd = 3; fd <= leaked + 3; fd++) {
      const cwd = `/proc/self/fd/${fd}`;
      const { status, out } = bench!.call(["exec", "--cwd", cwd, id, "ls"]);
      expect([fd, out]).toEqual([fd, ""]);
      expect(status).not.toBe(0);
    }
    bench!.call(["delete", "--force", id]);
  });

  it("sees nothing of the environment of who made it, in no process and no hook", () => {
    const secret = `fairlead-secret-${process.pid}`;
    const seen = join(bench!.folder, "hook-environment");
    const hook = { path: "/bin/sh", args: ["sh", "-c", `env >> ${seen}`], env: ["ONLY=this"] };
    const { id, folder } = bench!.bundle((config) => {
      config.process.args = ["sh", "-c", "env; cat /proc/*/environ"];
      config.hooks = { createRuntime: [hook], poststop: [hook] };
    });
    process.env.FAIRLEAD_TEST_SECRET = secret;
    try {
      const { out, err } = bench!.call(["run", "-b", folder, id]);
      expect(err).toBe("");
      expect(out).toContain("PATH=/usr/bin:/bin");
      expect(out).not.toContain(secret);
      expect(readFileSync(seen, "utf8")).toContain("ONLY=this");
      expect(readFileSync(seen, "utf8")).not.toContain(secret);
      const sleeper = bench!.sleeper();
      expect(bench!.call(["exec", sleeper, "env"]).out).not.toContain(secret);
      bench!.call(["delete", "--force", sleeper]);
    } finally {
      delete process.env.FAIRLEAD_TEST_SECRET;
    }
  });

  it("cannot read or trace another container's process that is on its way in", () => {
    const own = bench!.sleeper();
    const { pid } = bench!.state(own);
    const { id, folder } = bench!.bundle((config) => {
      config.linux.namespaces = config.linux.namespaces.map((space: { type: string }) =>
        space.type === "pid" ? { type: "pid", path: `/proc/${pid}/ns/pid` } : space,
      );
    });
    // Between create and start its first process still runs the runtime's code.
    expect(bench!.create(folder, id).err).toBe("");
    const script = [
      "for p in /proc/[0-9]*; do",
      "  case $p in /proc/1|/proc/$$) continue ;; esac",
      "  [ -d $p ] && { found=yes; readlink $p/exe $p/cwd $p/fd/*; cat $p/environ $p/mem; }",
      "done; echo $found",
    ];
    const { out, err } = bench!.call(["exec", own, "sh", "-c", script.join("\n")]);
    expect(out).toBe("yes\n");
    expect(err).toMatch(/environ': Permission denied/);
    for (const one of [id, own]) bench!.call(["delete", "--force", one]);
  });
});
