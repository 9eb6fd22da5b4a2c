// The addon against the real kernel: mounts, overlays, attributes, namespaces and sysctls.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadNative, type Native, NativeError } from "../../../agent/native/index.ts";

const addon = join(import.meta.dirname, "../../../agent/native/build/fairlead.node");
const skip =
  process.getuid?.() !== 0
    ? "needs root"
    : existsSync(addon)
      ? undefined
      : "the addon is not built (npm run build)";

// The number of fsopen(2), which kernels before 5.2 lack.
const FSOPEN = "430";

describe.skipIf(skip)(`the native addon${skip ? ` (skipped: ${skip})` : ""}`, () => {
  let native: Native;
  let directory: string;

  beforeAll(async () => {
    native = loadNative(addon);
    directory = await mkdtemp(join(tmpdir(), "fairlead-addon-"));
    await native.mount({ source: "test", target: directory, type: "tmpfs", flags: ["nosuid"] });
  });
  afterAll(async () => {
    await native.umount(directory, { detach: true });
    await rm(directory, { recursive: true });
  });

  const make = async (name: string) => {
    const path = join(directory, name);
    await mkdir(path, { recursive: true });
    return path;
  };

  test("gives back memory and goes on running", async () => {
    const resident = async () =>
      Number(/RssFile:\s+(\d+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1]);
    const before = await resident();
    await native.giveBackMemory();
    expect(await resident()).toBeLessThan(before * 0.9);
  });

  test("mounts an overlay of 300 layers with long paths, topmost first", async () => {
    const lowers: string[] = [];
    for (let i = 0; i < 300; i++) lowers.push(await make(`layers/${"x".repeat(120)}-${i}/diff`));
    await writeFile(join(lowers[0]!, "file"), "top");
    await writeFile(join(lowers[299]!, "file"), "bottom");
    await writeFile(join(lowers[299]!, "deep"), "bottom");
    const [upper, work, target] = [await make("up"), await make("wk"), await make("merged")];
    await native.mountOverlay({ lowers, upper, work, target });
    expect(await readFile(join(target, "file"), "utf8")).toBe("top");
    expect(await readFile(join(target, "deep"), "utf8")).toBe("bottom");
    await writeFile(join(target, "new"), "written");
    expect(await readFile(join(upper, "new"), "utf8")).toBe("written");
    await native.umount(target);
    expect(existsSync(join(target, "file"))).toBe(false);
  });

  test("mounts layers whose paths have commas, colons and more than 255 characters", async () => {
    const long = await make(`odd/${"y".repeat(200)}/${"z".repeat(200)}`);
    const odd = await make("odd/a,b:c\\d");
    await writeFile(join(odd, "odd"), "1");
    await writeFile(join(long, "long"), "2");
    const target = await make("merged-odd");
    await native.mountOverlay({ lowers: [odd, long], target });
    expect(existsSync(join(target, "odd")) && existsSync(join(target, "long"))).toBe(true);
    await native.umount(target);
  });

  test("mounts an overlay of 100 layers on a kernel that takes a page of options", async () => {
    const lowers: string[] = [];
    for (let i = 0; i < 100; i++) lowers.push(await make(`page/layer,${i}`));
    await writeFile(join(lowers[0]!, "file"), "top");
    await writeFile(join(lowers[99]!, "deep"), "bottom");
    const [upper, work, target] = [await make("page/up"), await make("wk2"), await make("page/m")];
    const overlay = JSON.stringify({ lowers, upper, work, target });
    const program = `require(${JSON.stringify(addon)}).mountOverlay(${overlay}).then(() =>
      require("node:fs").writeFileSync(${JSON.stringify(join(target, "new"))}, "written"))`;
    const lacking = [join(import.meta.dirname, "older-kernel.py"), FSOPEN, "--"];
    execFileSync("/usr/bin/python3", [...lacking, process.execPath, "-e", program]);
    expect(await readFile(join(target, "file"), "utf8")).toBe("top");
    expect(await readFile(join(target, "deep"), "utf8")).toBe("bottom");
    expect(await readFile(join(upper, "new"), "utf8")).toBe("written");
    await native.umount(target);
  });

  test("binds a directory read-only", async () => {
    const [source, target] = [await make("source"), await make("bound")];
    await native.mount({ source, target, flags: ["bind"] });
    await native.mount({ source, target, flags: ["bind", "remount", "ro"] });
    await expect(writeFile(join(target, "f"), "")).rejects.toMatchObject({ code: "EROFS" });
    await native.umount(target);
  });

  test("keeps attributes and makes device nodes", async () => {
    const path = join(directory, "attributed");
    await writeFile(path, "");
    expect(await native.getxattr(path, "trusted.x")).toBeUndefined();
    await native.setxattr(path, "trusted.x", Buffer.from([0, 1, 255]));
    expect(await native.getxattr(path, "trusted.x")).toEqual(Buffer.from([0, 1, 255]));
    expect(await native.listxattr(path)).toEqual(["trusted.x"]);
    await native.removexattr(path, "trusted.x");
    await native.removexattr(path, "trusted.x");
    const node = join(directory, "null");
    await native.mknod(node, constants.S_IFCHR | 0o600, 1, 3);
    const made = await stat(node);
    expect([made.isCharacterDevice(), made.rdev]).toEqual([true, 0x103]);
  });

  test("makes, tunes and removes a network namespace without touching its own", async () => {
    const path = join(directory, "netns");
    const before = await readFile("/proc/sys/net/ipv4/ip_default_ttl", "utf8");
    await native.createNetns(path);
    await expect(native.createNetns(path)).rejects.toMatchObject({ errno: 17 });
    const lo = execFileSync("nsenter", [`--net=${path}`, "ip", "-o", "link", "show", "lo"]);
    expect(lo.toString()).toContain("LOOPBACK,UP");
    await native.setSysctlsInNetns(path, { "net.ipv4.ip_default_ttl": "33" });
    await native.setSysctlsInNetns(path, { "net.none": "1" }, { skipMissing: true });
    expect(await readFile("/proc/sys/net/ipv4/ip_default_ttl", "utf8")).toBe(before);
    await native.deleteNetns(path);
    await native.deleteNetns(path);
    expect(existsSync(path)).toBe(false);
  });

  const refused: [string, () => Promise<unknown>, object][] = [
    ["a missing file system", () => native.mount({ target: "/nowhere", type: "nofs" }), {}],
    ["an unmount of nothing", () => native.umount("/nowhere"), { errno: 2, path: "/nowhere" }],
    ["a zero byte in a path", () => native.umount("/tmp\0/x"), { errno: 22, path: "path" }],
    ["a number for a path", () => native.createNetns(7 as never), { step: "read argument" }],
    ["an unknown flag", () => native.mount({ target: "/x", flags: ["x" as never] }), { errno: 0 }],
    [
      "an overlay on a missing layer",
      () => native.mountOverlay({ lowers: ["/nowhere"], target: "/nowhere" }),
      { errno: 2 },
    ],
    [
      "a sysctl outside /proc/sys",
      () => native.setSysctlsInNetns(undefined, { "net/../../x": "1" }),
      { step: "find sysctl" },
    ],
  ];
  test.each(refused)("refuses %s with a step, an errno and a path", async (_, call, expected) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NativeError);
    expect(error).toMatchObject(expected);
  });

  const python = existsSync("/usr/bin/python3");
  test.skipIf(!python)("datagrams arrive whole; who is slow holds nobody up", async () => {
    const path = join(directory, "datagrams");
    const listen = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
print("ready", flush=True); sys.stdin.readline()
print(s.recv(9), s.recv(9), flush=True); sys.stdin.readline()`;
    const receiver = spawn("python3", ["-c", listen, path]);
    // By lines: one may come in two pieces.
    const told = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
    expect((await told.next()).value).toBe("ready");
    const many = Array.from({ length: 5000 }, (_, at) => Buffer.from(`line ${at}`));
    const taken = await native.sendDatagrams(path, many);
    expect(taken).toBeGreaterThan(1);
    expect(taken).toBeLessThan(5000);
    receiver.stdin.write("\n");
    expect((await told.next()).value).toBe("b'line 0' b'line 1'");
    receiver.kill();
    await once(receiver, "exit");
    await expect(native.sendDatagrams(path, many)).rejects.toMatchObject({ step: "connect", path });
    await expect(native.sendDatagrams("", many)).rejects.toThrow("at most 107 bytes");
  });
});
