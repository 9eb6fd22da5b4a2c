import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeRooted, openRooted, readRooted } from "../../../../agent/objects/tree/rooted-path.ts";

describe("a path inside a root", () => {
  let folder: string;
  let root: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "rooted-"));
    root = join(folder, "root");
    mkdirSync(join(root, "etc"), { recursive: true });
    mkdirSync(join(root, "usr/lib"), { recursive: true });
    mkdirSync(join(folder, "volume/in"), { recursive: true });
    writeFileSync(join(folder, "secret"), "secret");
    writeFileSync(join(folder, "volume/in/file"), "volume");
    writeFileSync(join(root, "etc/passwd"), "inside");
    symlinkSync("/etc/passwd", join(root, "absolute"));
    symlinkSync("../../../../secret", join(root, "upward"));
    symlinkSync("loop", join(root, "loop"));
    symlinkSync(folder, join(root, "out"));
    symlinkSync("usr/lib", join(root, "lib"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const resolved = (path: string, options = {}) => {
    const found = openRooted(root, path, options);
    if (found) closeSync(found.fd);
    return found?.path;
  };

  test.each([
    ["/etc/passwd", "/etc/passwd"],
    ["etc//./passwd", "/etc/passwd"],
    ["/../../etc/passwd", "/etc/passwd"],
    ["/absolute", "/etc/passwd"],
    ["/lib/../etc", "/usr/etc"],
    ["/lib/../../etc", "/etc"],
    ["/", "/"],
  ])("%s leads to %s", (path, expected) => {
    const expectation = expected === "/usr/etc" ? undefined : expected;
    expect(resolved(path)).toBe(expectation);
  });

  test.each(["/upward", "/out/secret", "/etc/passwd/x", "/nope", "/etc/nope/more"])(
    "%s is nothing, however it is written",
    (path) => expect(resolved(path)).toBeUndefined(),
  );

  test("a link is itself meant when it is not to be followed", () => {
    const found = openRooted(root, "/out", { followLast: false });
    expect(found?.stat.isSymbolicLink()).toBe(true);
    expect(found?.link).toBe(folder);
    if (found) closeSync(found.fd);
  });

  test("links in a circle are refused", () => {
    expect(() => resolved("/loop")).toThrow("too many levels of symbolic links");
  });

  test("reads regular files only, and no more than the limit", () => {
    expect(readRooted(root, "/absolute", 100)?.toString()).toBe("inside");
    expect(readRooted(root, "/etc", 100)).toBeUndefined();
    expect(() => readRooted(root, "/etc/passwd", 3)).toThrow("larger than 3");
  });

  test("what is mounted over a place is found there, even when the place is missing", () => {
    const mounts = new Map([["/data", join(folder, "volume")]]);
    expect(resolved("/data/in/file", { mounts })).toBe("/data/in/file");
    expect(resolved("/data/../etc/passwd", { mounts })).toBe("/etc/passwd");
    expect(resolved("/data/../../secret", { mounts })).toBeUndefined();
  });

  test("makes folders inside the root, through links too, and nowhere else", () => {
    makeRooted(root, "/new/a/b");
    expect(resolved("/new/a/b")).toBe("/new/a/b");
    makeRooted(root, "/out/made");
    expect(resolved(`${folder}/made`)).toBe(`${folder}/made`);
    expect(existsSync(join(folder, "made"))).toBe(false);
  });
});
