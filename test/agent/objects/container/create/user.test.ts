import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveUser } from "../../../../../agent/objects/container/create/user.ts";

describe("the user of a container", () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "user-"));
    mkdirSync(join(root, "etc"));
    writeFileSync(
      join(root, "etc/passwd"),
      "root:x:0:0::/root:/bin/sh\nbroken\nweb:x:1000:1001::/www:/bin/sh\nlast:x:7:7::/l:/bin/sh",
    );
    writeFileSync(join(root, "etc/group"), "root:x:0:\nextra:x:50:web,last\nmore:x:51:web\n");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const cases = [
    ["", 0, 0, [0], "/root"],
    ["web", 1000, 1001, [1001, 50, 51], "/www"],
    ["1000", 1000, 1001, [1001, 50, 51], "/www"],
    ["web:extra", 1000, 50, [50], "/www"],
    ["web:77", 1000, 77, [77], "/www"],
    ["4711", 4711, 0, [0], "/"],
    ["4711:4712", 4711, 4712, [4712], "/"],
  ] as const;
  test.each(cases)("'%s' is %i:%i", (text, uid, gid, additionalGids, home) => {
    expect(resolveUser(root, text)).toEqual({ uid, gid, additionalGids, home });
  });

  test("gets further groups by name and number", () => {
    expect(resolveUser(root, "last", ["more", "9"]).additionalGids).toEqual([7, 50, 51, 9]);
  });

  test.each([
    ["nobody", "unable to find user nobody: no matching entries in passwd file"],
    ["99999999999", "unable to find user 99999999999"],
    ["web:nope", "unable to find group nope: no matching entries in group file"],
  ])("'%s' is refused", (text, message) => {
    expect(() => resolveUser(root, text)).toThrow(message);
  });

  test("is never looked up in the host's own files", () => {
    const trap = mkdtempSync(join(tmpdir(), "trap-"));
    mkdirSync(join(trap, "etc"));
    symlinkSync("/proc/self/root/etc/passwd", join(trap, "etc/passwd"));
    expect(() => resolveUser(trap, "daemon")).toThrow("unable to find user daemon");
    rmSync(trap, { recursive: true });
  });
});
