// Where a mount goes and what it covers: kinds that do not match, /proc, and mounts that others
// provide or cover.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { Bench, type Config, missing } from "./bundle.ts";
import { type Case, check } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const mount = (c: Config, destination: string, source: string, ...options: string[]) =>
  c.mounts.push({ destination, type: "bind", source, options: ["rbind", ...options] });
const tmpfs = (c: Config, destination: string, ...options: string[]) =>
  c.mounts.push({ destination, type: "tmpfs", source: "tmpfs", options });
const without = (c: Config, destination: string) => {
  c.mounts = c.mounts.filter((one: { destination: string }) => one.destination !== destination);
};

const KINDS: Case[] = [
  {
    title: "of a folder onto a file names both",
    line: "true",
    edit: (c, root) => {
      writeFileSync(join(root, "etc/passwd"), "");
      mount(c, "/etc/passwd", "/usr");
    },
    err: /mount a directory onto a file: \/usr onto \/etc\/passwd: Not a directory/,
  },
  {
    title: "of a file onto a folder names both",
    line: "true",
    edit: (c) => mount(c, "/tmp", "/etc/hostname"),
    err: /mount a file onto a directory: \/etc\/hostname onto \/tmp: Is a directory/,
  },
  {
    title: "that fails is told although others come after it",
    line: "true",
    edit: (c) => {
      mount(c, "/tmp", "/etc/hostname");
      for (const name of ["a", "b", "c"]) mount(c, `/${name}`, "/usr");
    },
    err: /mount a file onto a directory: \/etc\/hostname onto \/tmp: Is a directory/,
  },
  {
    title: "whose source is missing is told although others come before and after it",
    line: "true",
    edit: (c) => {
      for (const name of ["a", "b"]) mount(c, `/${name}`, "/usr");
      mount(c, "/tmp", "/missing/one");
      mount(c, "/c", "/usr");
    },
    err: /open bind source: \/missing\/one for \/tmp: No such file or directory/,
  },
  {
    title: "of tmpfs onto a file names it",
    line: "true",
    edit: (c, root) => {
      writeFileSync(join(root, "etc/passwd"), "");
      tmpfs(c, "/etc/passwd");
    },
    err: /mount a directory onto a file: tmpfs onto \/etc\/passwd: Not a directory/,
  },
];

const NO_PROC = /mount on \/proc what is no procfs: \S+ onto \/\w+: Operation not permitted/;
const INSIDE = /mount inside \/proc: \S+ onto \/[\w/]+: Operation not permitted/;

// As runc answers; tmpfs, which older ones let through, is refused by newer ones.
const PROC: Case[] = [
  { title: "tmpfs over it", line: "true", edit: (c) => tmpfs(c, "/proc"), err: NO_PROC },
  { title: "a folder over it", line: "true", edit: (c) => mount(c, "/proc", "/usr"), err: NO_PROC },
  {
    title: "tmpfs in its place",
    line: "true",
    edit: (c) => {
      without(c, "/proc");
      tmpfs(c, "/proc");
    },
    err: NO_PROC,
  },
  {
    title: "a folder in its place",
    line: "true",
    edit: (c) => {
      without(c, "/proc");
      mount(c, "/proc", "/usr");
    },
    err: NO_PROC,
  },
  {
    title: "a folder in its place by a link",
    line: "true",
    edit: (c, root) => {
      without(c, "/proc");
      mkdirSync(join(root, "proc"));
      symlinkSync("proc", join(root, "innocent"));
      mount(c, "/innocent", "/usr");
    },
    err: NO_PROC,
  },
  {
    title: "a folder over it by a link that comes before it",
    line: "true",
    edit: (c, root) => {
      mkdirSync(join(root, "proc"));
      symlinkSync("/proc", join(root, "innocent"));
      c.mounts.unshift({
        destination: "/innocent",
        type: "bind",
        source: "/usr",
        options: ["rbind"],
      });
    },
    err: NO_PROC,
  },
  {
    title: "a folder in it",
    line: "true",
    edit: (c) => mount(c, "/proc/sys", "/usr"),
    err: INSIDE,
  },
  { title: "tmpfs in it", line: "true", edit: (c) => tmpfs(c, "/proc/sys"), err: INSIDE },
  {
    title: "a file of the host's own in it",
    line: "true",
    edit: (c) => mount(c, "/proc/version", "/proc/version"),
    err: INSIDE,
  },
];

const ALLOWED: Case[] = [
  {
    title: "procfs of the host over /proc",
    line: "stat -f -c %t /proc",
    edit: (c) => mount(c, "/proc", "/proc"),
    out: "9fa0",
  },
  {
    title: "a file over what lxcfs covers",
    line: "cat /proc/cpuinfo",
    edit: (c) => mount(c, "/proc/cpuinfo", "/etc/hostname"),
    out: /^\S+\n$/,
  },
  {
    title: "anything over /sys and in it",
    line: "ls /sys | wc -l; ls /sys/kernel/one | wc -l",
    edit: (c) => {
      tmpfs(c, "/sys");
      tmpfs(c, "/sys/kernel/one");
    },
    out: "1\n0",
  },
  {
    title: "a source that an earlier mount of the container provides",
    line: "ls /made/x; echo kept > /made/y; cat /scratch/sub/y; touch /ro/z; true",
    edit: (c, root) => {
      mkdirSync(join(root, "seed"));
      tmpfs(c, "/scratch");
      mount(c, "/scratch/sub/x", join(root, "seed"));
      mount(c, "/made", join(root, "scratch/sub"));
      mount(c, "/ro", "rootfs/scratch/sub", "ro");
    },
    out: "kept",
    err: /touch: \/ro\/z: Read-only file system/,
  },
  {
    title: "a mount over a read-only tmpfs, which stays as it was asked for",
    line: "touch /x/y && echo writable; touch /z/y || true",
    edit: (c) => {
      tmpfs(c, "/x", "ro");
      tmpfs(c, "/x", "rw");
      tmpfs(c, "/z", "ro");
    },
    out: "writable",
    err: /touch: \/z\/y: Read-only file system/,
  },
];

describe.skipIf(missing)(`a mount (skipped: ${missing ?? "no"})`, () => {
  for (const one of KINDS) check(bench, one);
  describe("of /proc cannot be", () => {
    for (const one of PROC) check(bench, one);
  });
  describe("can be", () => {
    for (const one of ALLOWED) check(bench, one);
  });
});
