// The file system of a container: mounts and their options, devices, masked and read-only paths.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { Bench, type Config, missing } from "./bundle.ts";
import { type Case, check } from "./container-case.ts";

// What is otherwise on that kernel: refused by the name of the step, or true of one mount alone.
const OLDER: Readonly<Record<string, Partial<Case>>> = {
  "is read-only in every mount below with rro": {
    err: /set recursive mount attributes: .*not impl/,
    status: 1,
  },
  "shows other owners when it is id-mapped": {
    out: "",
    err: /map ids of mount: .*not impl/,
    status: 1,
  },
  "protects read-only paths and what is mounted below them": {
    err: /(Read-only file system.*){3}/s,
  },
};

const bench = missing ? undefined : new Bench();
// Before Linux 5.12, as Debian 11 has it.
const MOUNT_SETATTR = 442;
const older = missing ? undefined : new Bench([MOUNT_SETATTR]);
afterAll(() => {
  bench?.close();
  older?.close();
});

/** A host directory with a file and a subdirectory. */
function source(name: string): string {
  const path = join(bench!.folder, name);
  mkdirSync(join(path, "sub"), { recursive: true });
  writeFileSync(join(path, "file"), "from the host\n");
  return path;
}

const bind = (destination: string, from: string, ...options: string[]) => ({
  destination,
  type: "bind",
  source: from,
  options: ["rbind", ...options],
});
const tmpfs = (destination: string, ...options: string[]) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options,
});
const add =
  (...mounts: object[]) =>
  (config: Config) => {
    config.mounts.push(...mounts);
  };

describe.skipIf(missing)(`a mount (skipped: ${missing ?? "no"})`, () => {
  const cases: Case[] = [
    {
      title: "binds a directory and writes through",
      line: "cat /data/file; echo back > /data/new && cat /data/new",
      edit: (c) => add(bind("/data", source("rw")))(c),
      out: "from the host\nback",
    },
    {
      title: "has its place in the order of the configuration",
      line: "grep -o ' /[abcd] ' /proc/self/mountinfo | tr -d ' \\n'",
      edit: (c) => {
        const from = source("order");
        add(tmpfs("/a"), bind("/b", from), bind("/c", from, "unbindable"), tmpfs("/d"))(c);
      },
      out: "/a/b/c/d",
    },
    {
      title: "keeps what is mounted in the place of a device, as runc does",
      line: "stat -c %t:%T /dev/random /dev/zero",
      edit: add(bind("/dev/random", "/dev/urandom"), bind("/dev/zero", "/dev/null")),
      out: "1:9\n1:3",
    },
    {
      title: "binds a file onto a file it makes",
      line: "cat /some/where/file; test -f /some/where/file && echo file",
      edit: (c) => add(bind("/some/where/file", join(source("one"), "file")))(c),
      out: "from the host\nfile",
    },
    {
      title: "is read-only when asked",
      line: "echo x > /data/new",
      edit: (c) => add(bind("/data", source("ro"), "ro"))(c),
      err: /Read-only file system/,
    },
    {
      title: "is read-only in every mount below with rro",
      line: "echo x > /data/sub/new",
      edit: (c) => add(bind("/data", source("rro"), "rro"))(c),
      err: /Read-only file system/,
    },
    {
      title: "takes nosuid, nodev, noexec and noatime",
      line: "grep ' /data ' /proc/mounts",
      edit: (c) => add(bind("/data", source("flags"), "nosuid", "nodev", "noexec", "noatime"))(c),
      out: /rw,nosuid,nodev,noexec,noatime/,
    },
    {
      title: "is private, a slave or shared as configured",
      line: [
        "for m in a b c",
        'do grep " /$m " /proc/self/mountinfo | grep -o -E "shared|master" || echo private',
        "done",
      ],
      edit: (c) =>
        add(
          tmpfs("/host"),
          bind("/a", source("p"), "rprivate"),
          bind("/b", source("p"), "rshared"),
          tmpfs("/c", "shared"),
        )(c),
      out: "private\nshared\nshared",
    },
    {
      title: "of tmpfs takes size, mode and owner",
      line: "stat -c '%a %u %g' /scratch; df -k /scratch | tail -1 | awk '{print $2}'",
      edit: (c) => add(tmpfs("/scratch", "size=1m", "mode=1750", "uid=3", "gid=4"))(c),
      out: "1750 3 4\n1024",
    },
    {
      title: "of tmpfs keeps the mode of a folder that is there, unless one is given",
      line: "stat -c %a /etc /kept /given /fresh",
      edit: (c, root) => {
        for (const name of ["kept", "given"]) mkdirSync(join(root, name), { mode: 0o750 });
        add(
          ...[tmpfs("/etc"), tmpfs("/kept", "tmpcopyup")],
          ...[tmpfs("/given", "tmpcopyup", "mode=700"), tmpfs("/fresh", "size=1m")],
        )(c);
      },
      out: "755\n750\n700\n1777",
    },
    {
      title: "of a read-only tmpfs can still hold other mounts",
      line: "cat /t/data/file; echo x > /t/new",
      edit: (c) => add(tmpfs("/t", "ro"), bind("/t/data", source("inner")))(c),
      out: "from the host",
      err: /Read-only file system/,
    },
    {
      title: "of tmpfs with tmpcopyup keeps what the image has there",
      line: [
        "cat /etc/kept; readlink /etc/link",
        "stat -c '%a %u' /etc/kept; touch /etc/new && echo ok",
      ],
      edit: (c, root) => {
        writeFileSync(join(root, "etc/kept"), "kept\n", { mode: 0o640 });
        symlinkSync("kept", join(root, "etc/link"));
        add(tmpfs("/etc", "tmpcopyup"))(c);
      },
      out: "kept\nkept\n640 0\nok",
    },
    {
      title: "is remounted with other flags",
      line: "echo x > /data/new",
      edit: (c) =>
        add(bind("/data", source("again")), {
          destination: "/data",
          source: "none",
          options: ["remount", "bind", "ro"],
        })(c),
      err: /Read-only file system/,
    },
    {
      title: "shows other owners when it is id-mapped",
      line: "stat -c %u /data/file",
      edit: (c) =>
        add({
          ...bind("/data", source("ids")),
          uidMappings: [{ containerID: 0, hostID: 5000, size: 100 }],
          gidMappings: [{ containerID: 0, hostID: 5000, size: 100 }],
        })(c),
      out: "5000",
    },
    {
      title: "fails clearly without its source",
      line: "true",
      edit: add(bind("/data", "/nonexistent/source")),
      err: /open bind source: \/nonexistent\/source for \/data: No such file or directory/,
    },
    {
      title: "fails clearly for an unknown file system",
      line: "true",
      edit: add({ destination: "/x", type: "nosuchfs", source: "x" }),
      err: /mount: \/x: No such device/,
    },
    {
      title: "of cgroups shows the container its own group as the root",
      line: "cat /proc/self/cgroup | cut -d: -f3 | sort -u; ls /sys/fs/cgroup | head -1",
      edit: add({
        destination: "/sys/fs/cgroup",
        type: "cgroup",
        source: "cgroup",
        options: ["ro", "nosuid", "noexec", "nodev"],
      }),
      out: /^\/\n\w+/,
    },
  ];
  for (const one of cases) check(bench, one);
  describe("on a kernel without mount_setattr", () => {
    for (const one of cases) check(older, { ...one, ...OLDER[one.title] });
  });
});

describe.skipIf(missing)(`the root of a container (skipped: ${missing ?? "no"})`, () => {
  const cases: Case[] = [
    {
      title: "is read-only when asked, with writable mounts on it",
      line: "echo x > /tmp/x && echo mounted; echo x > /x",
      edit: (c) => {
        c.root.readonly = true;
        add(tmpfs("/tmp"))(c);
      },
      out: "mounted",
      err: /Read-only file system/,
    },
    {
      title: "has the default devices and links",
      line: [
        "for d in null zero full random urandom tty; do stat -c '%n %F %t:%T %a' /dev/$d; done",
        "for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done",
      ],
      out: [
        ...["null:1:3", "zero:1:5", "full:1:7", "random:1:8", "urandom:1:9", "tty:5:0"].map((d) => {
          const [name, major, minor] = d.split(":");
          return `/dev/${name} character special file ${major}:${minor} 666`;
        }),
        "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx",
      ].join("\n"),
    },
    {
      title: "has extra devices with mode and owner",
      line: "stat -c '%F %t:%T %a %u:%g' /dev/extra /dev/pipe",
      edit: (c) => {
        c.linux.devices = [
          { path: "/dev/extra", type: "c", major: 10, minor: 229, fileMode: 0o640, uid: 3, gid: 4 },
          { path: "/dev/pipe", type: "p", fileMode: 0o600 },
        ];
      },
      out: "character special file a:e5 640 3:4\nfifo 0:0 600 0:0",
    },
    {
      title: "hides masked files and directories",
      line: [
        "cat /proc/keys | wc -c; ls /sys/firmware | wc -l",
        "ls /secret | wc -l; cat /etc/secret | wc -c; touch /secret/x",
      ],
      edit: (c, root) => {
        mkdirSync(join(root, "secret"));
        writeFileSync(join(root, "secret/key"), "key");
        writeFileSync(join(root, "etc/secret"), "secret");
        c.linux.maskedPaths.push("/secret", "/etc/secret", "/not/there");
      },
      out: "0\n0\n0\n0",
      err: /Read-only file system/,
    },
    {
      title: "protects read-only paths and what is mounted below them",
      line: [
        "echo 1 > /proc/sys/kernel/msgmax; echo x > /tmp/sub/x; echo x > /tmp/x",
        "echo x > /etc/file",
      ],
      edit: (c, root) => {
        writeFileSync(join(root, "etc/file"), "");
        c.linux.readonlyPaths.push("/tmp", "/etc/file");
        add(tmpfs("/tmp"), tmpfs("/tmp/sub"))(c);
      },
      err: /(Read-only file system.*){4}/s,
    },
    {
      title: "lets nothing of the host be seen in its mounts",
      line: "grep -v -E ' (/|/proc|/dev|/sys)' /proc/mounts; ls /",
      out: "bin\ndev\netc\nproc\nsys\ntmp",
    },
    {
      title: "has the propagation that is asked for",
      line: "awk '$5 == \"/\"' /proc/self/mountinfo | grep -o shared",
      edit: (c) => {
        c.linux.rootfsPropagation = "shared";
      },
      out: "shared",
    },
    {
      title: "must exist",
      line: "true",
      edit: (c) => {
        c.root.path = "elsewhere";
      },
      err: /open root: .*\/elsewhere: No such file or directory/,
    },
    {
      title: "must be a directory",
      line: "true",
      edit: (c, root) => {
        writeFileSync(`${root}.file`, "");
        c.root.path = "rootfs.file";
      },
      err: /open root: .*rootfs.file: is not a directory/,
    },
  ];
  for (const one of cases) check(bench, one);
  describe("on a kernel without mount_setattr", () => {
    for (const one of cases) check(older, { ...one, ...OLDER[one.title] });
  });
});
