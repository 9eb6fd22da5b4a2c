// The unpacker against friendly and hostile archives. Needs root: it makes devices and owners.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nativeUnpacker, type UnpackRequest } from "../../../agent/images/unpack.ts";
import { type Entry, tarOf } from "../images/make-image.ts";

const binary = join(import.meta.dirname, "../../../agent/native/build/fairlead-runtime");
const unpack = nativeUnpacker(binary);
const missing =
  process.getuid?.() !== 0
    ? "root is needed"
    : existsSync(binary)
      ? undefined
      : "agent/native is not built";

let folder = "";
let serial = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-unpack-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function apply(entries: Entry[] | Buffer, request: Partial<UnpackRequest> = {}) {
  const directory = request.directory ?? join(folder, `root-${serial++}`);
  mkdirSync(directory, { recursive: true });
  const tar = Buffer.isBuffer(entries) ? entries : await tarOf(entries);
  await unpack(Readable.from([tar]), { whiteouts: "overlay", ...request, directory });
  return directory;
}

/** Extended attributes as Python's os module sees them, since Node has no call for them. */
function attributes(path: string): Record<string, string> {
  const script = [
    "import os, sys, json",
    "p = sys.argv[1]",
    "names = os.listxattr(p, follow_symlinks=False)",
    "print(json.dumps({n: os.getxattr(p, n, follow_symlinks=False).hex() for n in names}))",
  ].join("\n");
  return JSON.parse(execFileSync("python3", ["-c", script, path]).toString());
}

const isWhiteout = (path: string) => {
  const seen = lstatSync(path);
  return seen.isCharacterDevice() && seen.rdev === 0;
};

describe.skipIf(missing !== undefined)(`unpacking (skipped: ${missing ?? "no"})`, () => {
  it("keeps modes, owners, times, links and devices", async () => {
    const mtime = new Date("2001-02-03T04:05:06Z");
    const root = await apply([
      { name: "./", type: "directory", mode: 0o711, mtime },
      { name: "tmp/", type: "directory", mode: 0o1777, mtime },
      { name: "bin/su", mode: 0o4755, uid: 7, gid: 8, content: "su", mtime },
      { name: "bin/hard", type: "link", linkname: "bin/su" },
      { name: "bin/soft", type: "symlink", linkname: "/bin/su", mtime, uid: 9, gid: 9 },
      { name: "dev/null", type: "character-device", devmajor: 1, devminor: 3, mode: 0o666 },
      { name: "run/pipe", type: "fifo", mode: 0o600 },
      { name: "été/naïve-ü", content: "utf-8" },
    ]);
    const su = statSync(join(root, "bin/su"));
    expect([su.mode & 0o7777, su.uid, su.gid, su.mtime]).toEqual([0o4755, 7, 8, mtime]);
    expect(su.nlink).toBe(2);
    expect(readlinkSync(join(root, "bin/soft"))).toBe("/bin/su");
    expect(lstatSync(join(root, "bin/soft")).uid).toBe(9);
    expect(statSync(join(root, "tmp")).mode & 0o7777).toBe(0o1777);
    expect(statSync(join(root, "tmp")).mtime).toEqual(mtime);
    expect([statSync(root).mode & 0o7777, statSync(root).mtime]).toEqual([0o711, mtime]);
    const device = statSync(join(root, "dev/null"));
    expect([device.isCharacterDevice(), device.rdev]).toEqual([true, 0x103]);
    expect(lstatSync(join(root, "run/pipe")).isFIFO()).toBe(true);
    expect(readFileSync(join(root, "été/naïve-ü"), "utf8")).toBe("utf-8");
  });

  it("keeps capabilities and user attributes, drops those that speak to overlayfs", async () => {
    const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
    const pax = {
      "SCHILY.xattr.user.note": "hello",
      "SCHILY.xattr.trusted.overlay.redirect": "/etc",
      "SCHILY.xattr.security.capability": capability.toString("latin1"),
    };
    const root = await apply([{ name: "ping", content: "x", mode: 0o755, pax }]);
    expect(attributes(join(root, "ping"))).toEqual({
      "user.note": Buffer.from("hello").toString("hex"),
      "security.capability": capability.toString("hex"),
    });
  });

  it("turns whiteouts into overlayfs devices and opaque directories", async () => {
    const root = await apply([
      { name: "gone/", type: "directory" },
      { name: "a/.wh.old", content: "" },
      { name: "b/new", content: "1" },
      { name: "b/.wh..wh..opq", content: "" },
      { name: ".wh..wh.plnk/1.2", content: "" },
      { name: ".wh.gone", content: "" },
      { name: ".wh.back", content: "" },
      { name: "back/file", content: "2" },
    ]);
    expect(isWhiteout(join(root, "a/old"))).toBe(true);
    expect(attributes(join(root, "b"))).toEqual({ "trusted.overlay.opaque": "79" });
    expect(existsSync(join(root, "b/new"))).toBe(true);
    expect(existsSync(join(root, ".wh..wh.plnk"))).toBe(false);
    // A whiteout concerns lower layers only: what this layer has under the name is kept.
    expect(attributes(join(root, "gone"))).toEqual({ "trusted.overlay.opaque": "79" });
    expect(attributes(join(root, "back"))).toEqual({ "trusted.overlay.opaque": "79" });
    expect(readFileSync(join(root, "back/file"), "utf8")).toBe("2");
  });

  it("applies whiteouts at once in plain form, whatever the order in the archive", async () => {
    const root = await apply([
      { name: "dir/old", content: "" },
      { name: "dir/sub/old", content: "" },
      { name: "gone/x", content: "" },
    ]);
    await apply(
      [
        { name: "dir/new", content: "" },
        { name: "dir/.wh..wh..opq", content: "" },
        { name: "dir/late", content: "" },
        { name: ".wh.gone", content: "" },
      ],
      { directory: root, whiteouts: "plain" },
    );
    expect(execFileSync("ls", ["-A", join(root, "dir")]).toString()).toBe("late\nnew\n");
    expect(existsSync(join(root, "gone"))).toBe(false);
  });

  it("replaces what stands in the way, and merges directories", async () => {
    const root = await apply([
      { name: "dir/keep", content: "1" },
      { name: "tree/a/b", content: "1" },
      { name: "file", content: "1" },
    ]);
    await apply(
      [
        { name: "dir/", type: "directory", mode: 0o700 },
        { name: "tree", content: "now a file" },
        { name: "file/", type: "directory" },
        { name: "file/inner", content: "1" },
      ],
      { directory: root, whiteouts: "plain" },
    );
    expect(existsSync(join(root, "dir/keep"))).toBe(true);
    expect(statSync(join(root, "dir")).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(root, "tree"), "utf8")).toBe("now a file");
    expect(existsSync(join(root, "file/inner"))).toBe(true);
  });

  it("gives implied directories the owner and mode that they have in the layer below", async () => {
    const lower = await apply([{ name: "srv/data/", type: "directory", mode: 0o2770, uid: 33 }]);
    const root = await apply([{ name: "srv/data/file", content: "" }], { lower: [lower] });
    const seen = statSync(join(root, "srv/data"));
    expect([seen.mode & 0o7777, seen.uid]).toEqual([0o2770, 33]);
  });

  it("never writes outside the root, whatever links say", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    await writeFile(join(outside, "precious"), "safe");
    const root = await apply([
      { name: "way", type: "symlink", linkname: outside },
      { name: "way/planted", content: "x" },
      { name: "up", type: "symlink", linkname: "a/../../../../../../../../.." },
      { name: "/absolute", content: "inside" },
    ]).catch((error: Error) => error);
    expect(existsSync(join(outside, "planted"))).toBe(false);
    expect(readFileSync(join(outside, "precious"), "utf8")).toBe("safe");
    expect(root).not.toBeInstanceOf(Error);
    expect(existsSync(join(String(root), outside, "planted"))).toBe(true);
    expect(readFileSync(join(String(root), "absolute"), "utf8")).toBe("inside");
  });

  it("does not follow a link that stands at the place of an entry", async () => {
    const target = join(folder, "victim");
    await writeFile(target, "safe");
    const directory = join(folder, `root-${serial++}`);
    mkdirSync(directory);
    await symlink(target, join(directory, "entry"));
    await apply([{ name: "entry", content: "new" }], { directory });
    expect(readFileSync(target, "utf8")).toBe("safe");
    expect(lstatSync(join(directory, "entry")).isFile()).toBe(true);
  });

  const refusals: { title: string; entries: () => Promise<Buffer>; message: RegExp }[] = [
    {
      title: "a name that climbs out",
      entries: () => tarOf([{ name: "a/../../etc/passwd", content: "x" }]),
      message: /leads out of the root: a|a\/\.\.\/\.\.\/etc\/passwd/,
    },
    {
      title: "a hard link that climbs out",
      entries: () => tarOf([{ name: "x", type: "link", linkname: "../../etc/passwd" }]),
      message: /\.\.\/\.\.\/etc\/passwd.*leads out/,
    },
    {
      title: "a hard link to a file of the host",
      entries: () => tarOf([{ name: "x", type: "link", linkname: "/etc/passwd" }]),
      message: /link to etc\/passwd: x: No such file/,
    },
    {
      title: "a part of a name that is too long",
      entries: () => tarOf([{ name: "n".repeat(300), content: "" }]),
      message: /longer than 255 bytes/,
    },
    {
      title: "a name that is too long",
      entries: () => tarOf([{ name: "abc/".repeat(2000), content: "" }]),
      message: /the name has 8000 bytes/,
    },
    {
      title: "a truncated archive",
      entries: async () =>
        (await tarOf([{ name: "f", content: Buffer.alloc(9000, 1) }])).subarray(0, 4000),
      message: /[Tt]runcated/,
    },
    {
      title: "text that is no archive",
      entries: async () => Buffer.from("<html>not found</html>".repeat(100)),
      message: /Unrecognized archive format/,
    },
    {
      title: "a size beyond all reason",
      entries: async () => withSize(await tarOf([{ name: "big", content: "x" }]), 1n << 60n),
      message: /big.*declares 1152921504606846976 bytes/,
    },
    {
      title: "a file as the root",
      entries: () => tarOf([{ name: "./", type: "symlink", linkname: "/etc" }]),
      message: /the root must be a directory/,
    },
    {
      title: "a whiteout of the parent",
      entries: () => tarOf([{ name: "a/.wh...", content: "" }]),
      message: /names no file/,
    },
  ];
  it.each(refusals)("refuses $title", async ({ entries, message }) => {
    await expect(apply(await entries())).rejects.toThrow(message);
  });

  it("says so when the disk is full", async () => {
    const small = join(folder, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
    try {
      const big = apply([{ name: "f", content: Buffer.alloc(1 << 20) }], { directory: small });
      await expect(big).rejects.toThrow(/write: f: No space left on device/);
    } finally {
      execFileSync("umount", [small]);
    }
  });
});

/** Rewrites the first header with a base-256 size (GNU tar's form) and mends its checksum. */
function withSize(tar: Buffer, size: bigint): Buffer {
  const out = Buffer.from(tar);
  out.fill(0, 124, 136);
  out.writeBigUInt64BE(size, 128);
  out[124] = 0x80;
  out.fill(0x20, 148, 156);
  const sum = out.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  out.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return out;
}
