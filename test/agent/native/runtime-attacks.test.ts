// What a hostile image or container may try against the host, and that it fails.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, binary, type Config, missing, until } from "./bundle.ts";
import { type Case, check, fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

/** A host directory that nothing may reach; the image's links lead to it. */
const outside = bench ? join(bench.folder, "outside") : "";
if (bench) {
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "the host's\n");
}
const untouched = () => {
  expect(readdirSync(outside)).toEqual(["file"]);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("the host's\n");
};
const upwards = `${"../".repeat(20)}${outside.slice(1)}`;

/** Removes the mounts at or below a destination from a configuration. */
const without = (config: Config, destination: string) => {
  config.mounts = config.mounts.filter(
    (mount: { destination: string }) => !mount.destination.startsWith(destination),
  );
};
const tmpfs = (destination: string) => ({ destination, type: "tmpfs", source: "tmpfs" });

describe.skipIf(missing)(`a hostile image (skipped: ${missing ?? "no"})`, () => {
  const cases: Case[] = [
    {
      title: "cannot lead a mount out by a link in its path",
      line: `ls -d ${outside}/deep && grep -c ${outside}/deep /proc/mounts`,
      edit: (c, root) => {
        symlinkSync(upwards, join(root, "escape"));
        c.mounts.push(tmpfs("/escape/deep"));
      },
      out: /deep\n1\n/,
    },
    {
      title: "cannot lead a mount out by a link at its end",
      line: "true",
      edit: (c, root) => {
        symlinkSync(join(outside, "file"), join(root, "etc/resolv.conf"));
        c.mounts.push({
          destination: "/etc/resolv.conf",
          type: "bind",
          source: "/etc/hostname",
          options: ["rbind", "ro"],
        });
      },
    },
    {
      title: "cannot lead a device out by a link for /dev",
      line: `ls ${outside}/dev/null`,
      edit: (c, root) => {
        without(c, "/dev");
        symlinkSync(`${upwards}/dev`, join(root, "dev"));
      },
      out: `${outside}/dev/null`,
    },
    {
      title: "cannot keep a file of its own under the name of a device",
      line: "stat -c %F /dev/null /dev/zero",
      edit: (c, root) => {
        without(c, "/dev");
        mkdirSync(join(root, "dev"));
        writeFileSync(join(root, "dev/zero"), "fake");
        symlinkSync(join(outside, "file"), join(root, "dev/null"));
      },
      out: "character special file\ncharacter special file",
    },
    {
      title: "cannot be masked with something else than the null device (CVE-2025-31133)",
      line: "cat /etc/secret; echo x > /etc/secret; stat -c '%F %t:%T' /etc/secret",
      edit: (c, root) => {
        without(c, "/dev");
        mkdirSync(join(root, "dev"));
        symlinkSync(join(outside, "file"), join(root, "dev/null"));
        writeFileSync(join(root, "etc/secret"), "secret");
        c.linux.maskedPaths = ["/etc/secret"];
      },
      out: "character special file 1:3",
    },
    {
      title: "cannot have /proc mounted elsewhere by a link (CVE-2019-16884)",
      line: "true",
      edit: (_c, root) => {
        mkdirSync(join(root, "fake"));
        symlinkSync("fake", join(root, "proc"));
      },
      err: /open mount target: \/proc: Too many levels of symbolic links/,
    },
    {
      title: "cannot have files of /proc covered through a link (CVE-2019-19921)",
      line: "true",
      edit: (c, root) => {
        symlinkSync("proc/sys", join(root, "innocent"));
        c.mounts.push({ destination: "/innocent", type: "tmpfs", source: "tmpfs" });
      },
      err: /mount inside \/proc: tmpfs onto \/innocent: Operation not permitted/,
    },
    {
      title: "cannot pass a file for a terminal multiplexer (CVE-2025-52565)",
      line: "true",
      edit: (c, root) => {
        c.process.terminal = true;
        without(c, "/dev");
        mkdirSync(join(root, "dev/pts"), { recursive: true });
        symlinkSync(join(outside, "file"), join(root, "dev/pts/ptmx"));
      },
      err: /open pty: \/dev\/pts\/ptmx/,
    },
    {
      title: "cannot lead a masked or read-only path out by a link",
      line: "true",
      edit: (c, root) => {
        symlinkSync(upwards, join(root, "up"));
        c.linux.maskedPaths.push("/up/file", "/up");
        c.linux.readonlyPaths.push("/up/file", "/up");
      },
    },
    {
      title: "cannot go round in circles",
      line: "true",
      edit: (c, root) => {
        symlinkSync("b", join(root, "a"));
        symlinkSync("a", join(root, "b"));
        c.mounts.push(tmpfs("/a/x"));
      },
      err: /open mount target: \/a\/x: Too many levels of symbolic links/,
    },
    {
      title: "may have links to directories that are missing, which are made inside",
      line: "touch /var/run/app/x && ls /run/app",
      edit: (c, root) => {
        mkdirSync(join(root, "var"));
        symlinkSync("/run", join(root, "var/run"));
        c.mounts.push(tmpfs("/var/run/app"));
      },
      out: "x",
    },
  ];
  for (const one of cases) check(bench, one);
  it("has left the host's directory as it was", untouched);
});

describe.skipIf(missing)(`a hostile container (skipped: ${missing ?? "no"})`, () => {
  it("gets none of the caller's descriptors, and no working directory by one", async () => {
    const leaked = openSync("/", "r");
    const run = async (edit: (config: Config) => void) => {
      const { id, folder } = bench!.bundle((config) => {
        config.process.args = ["sh", "-c", "ls /proc/$$/fd; true"];
        edit(config);
      });
      const child = spawn(binary, ["--root", `${bench!.folder}/run`, "run", "-b", folder, id], {
        stdio: ["ignore", "pipe", "pipe", leaked, "ignore", leaked],
      });
      let text = "";
      for (const stream of [child.stdout!, child.stderr!])
        stream.on("data", (chunk) => {
          text += chunk;
        });
      await new Promise((done) => child.on("close", done));
      return text;
    };
    expect(await run(() => {})).toBe("0\n1\n2\n");
    for (let fd = 3; fd < 30; fd++) {
      const text = await run((config) => {
        config.process.cwd = `/proc/self/fd/${fd}`;
      });
      expect(text).toMatch(/chdir|working directory|enter/);
    }
  });

  it("cannot write to the runtime's binary (CVE-2019-5736)", async () => {
    const hash = () => createHash("sha256").update(readFileSync(binary)).digest("hex");
    const before = hash();
    const id = bench!.sleeper((config) => {
      const all = Array.from({ length: 41 }, (_, number) => number);
      const names = JSON.parse(bench!.call(["features"]).out).linux.capabilities;
      const every = all
        .map((number) => names[number])
        .filter((name) => name !== "CAP_SYS_RESOURCE");
      config.process.capabilities = { bounding: every, effective: every, permitted: every };
    });
    const root = `${bench!.folder}/run`;
    // The runtime itself, executed in the container by the oldest trick: a link to itself.
    const victim = spawn(
      binary,
      ["--root", root, "exec", id, "/proc/self/exe", "unpack", "--root", "/tmp"],
      { stdio: ["pipe", "ignore", "ignore"] },
    );
    const script = [
      "for p in /proc/[0-9]*; do",
      "  tr '\\0' ' ' < $p/cmdline | grep -q '^/proc/self/exe unpack' || continue",
      "  exec 3< $p/exe || exit 3",
      "  kill -9 $(basename $p)",
      "  sleep 0.3",
      "  mount -o remount,bind,rw /proc/self/fd/3 2>/dev/null",
      "  echo overwritten > /proc/self/fd/3 && echo WRITTEN",
      "  echo tried; exit 0",
      "done; exit 4",
    ].join("\n");
    let outcome = { status: 4 as number | null, out: "", err: "" };
    await until(() => {
      outcome = bench!.call(["exec", id, "sh", "-c", script]);
      return outcome.status !== 4;
    });
    victim.kill("SIGKILL");
    expect(outcome.out).toBe("tried\n");
    expect(outcome.err).toMatch(/Read-only file system/);
    expect(hash()).toBe(before);
    bench!.call(["delete", "--force", id]);
  });

  // The runtime holds a descriptor of its own binary while it sets a container up.
  it.each(["run", "exec"])("gets no descriptor that its caller of %s has not named", (command) => {
    const id = bench!.sleeper();
    const { folder, id: other } = bench!.bundle((config) => {
      config.process.args = ["ls", "-l", "/proc/self/fd"];
    });
    const words =
      command === "run"
        ? ["run", "--bundle", folder, "--preserve-fds", "1", other]
        : ["exec", "--preserve-fds", "1", id, "ls", "-l", "/proc/self/fd"];
    const file = openSync(join(outside, "file"), "r");
    const call = (...more: number[]) =>
      spawnSync(binary, ["--root", `${bench!.folder}/run`, ...words], {
        stdio: ["ignore", "pipe", "pipe", ...more],
        encoding: "utf8",
      });
    const given = call(file);
    closeSync(file);
    // Beyond its stdio and what ls itself opens to read the list.
    expect(given.stdout.match(/\d{2,} -> .*|[3-9] -> (?!\/proc\/\d+\/fd).*/g)).toEqual([
      `3 -> ${join(outside, "file")}`,
    ]);
    const missed = call();
    expect(missed.stderr).toMatch(/preserve descriptor/);
    expect(missed.stdout).toBe("");
    for (const wrong of ["x", "-1", "1x", "99999"]) {
      const wronged = words.map((word) => (word === "1" ? wrong : word));
      expect(bench!.call(wronged).err).toMatch(/--preserve-fds must be a number from 0 to 1024/);
    }
    bench!.call(["delete", "--force", id]);
  });

  it("hands no descriptor on to a hook, whatever the container is called", () => {
    const seen = join(outside, "../seen");
    const { folder } = bench!.bundle((config) => {
      const args = ["sh", "-c", `ls -l /proc/self/fd > ${seen}`];
      config.hooks = { poststop: [{ path: "/bin/sh", args }] };
    });
    // A word of the command line that looks like a command is taken for one at first.
    expect(bench!.create(folder, "run")).toMatchObject({ status: 0 });
    expect(bench!.call(["delete", "--force", "run"])).toMatchObject({ status: 0 });
    const fds = readFileSync(seen, "utf8").match(/\d+ -> .*/g);
    expect(fds?.filter((fd) => /^(\d{2,}|[3-9]) -> (?!\/proc\/\d+\/fd)/.test(fd))).toEqual([]);
    expect(fds?.length).toBeGreaterThan(3);
  });

  it("finds no cache of filters that others could have written", () => {
    const cache = join(bench!.folder, "run/seccomp");
    const seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
    };
    const edit = (config: Config) => {
      config.linux.seccomp = seccomp;
    };
    expect(bench!.sh("mkdir /x", edit).err).toMatch(/not permitted/);
    const [name] = readdirSync(cache);
    const stored = readFileSync(join(cache, name!));
    expect(bench!.sh("mkdir /x", edit).err).toMatch(/not permitted/);
    // A damaged entry, and one for another profile under the same name, are not believed.
    writeFileSync(join(cache, name!), stored.subarray(0, 40));
    expect(bench!.sh("mkdir /x", edit).err).toMatch(/not permitted/);
    const other = Buffer.from(stored);
    other[other.indexOf("mkdirat")] = 0x4d;
    writeFileSync(join(cache, name!), other, { mode: 0o600 });
    expect(bench!.sh("mkdir /x", edit).err).toMatch(/not permitted/);
    rmSync(join(cache, name!));
    symlinkSync(join(outside, "file"), join(cache, name!));
    expect(bench!.sh("mkdir /x", edit).err).toMatch(/not permitted/);
    untouched();
  });

  it("cannot be asked for with a process that is not its own", () => {
    const id = bench!.sleeper();
    const record = join(bench!.folder, "run", id, "record.json");
    const text = readFileSync(record, "utf8");
    // The number of a dead container may be another process's by now.
    writeFileSync(record, text.replace(/"birth":\d+/, '"birth":1'));
    expect(bench!.state(id).status).toBe("stopped");
    fails(bench!, ["kill", id, "KILL"], /the container is stopped/);
    writeFileSync(record, text);
    expect(bench!.state(id).status).toBe("running");
    bench!.call(["delete", "--force", id]);
    expect(existsSync(record)).toBe(false);
  });
});
