import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type HostFacts, parseFacts, probe } from "../../../../providers/engine/bootstrap/facts.ts";
import { layoutOf } from "../../../../providers/engine/bootstrap/layout.ts";
import { checkInstallable, platformOf } from "../../../../providers/engine/bootstrap/support.ts";
import type { Bundle } from "../../../../providers/engine/bundle/bundle.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";

const good: HostFacts = {
  os: "Linux",
  machine: "x86_64",
  kernel: "6.1.0-13-amd64",
  libc: "glibc",
  libcVersion: "2.36",
  hasLibstdcxx: true,
  cgroups: "v2",
  init: "systemd",
  isRoot: true,
  hasSudo: false,
  freeBytes: 1e10,
  tools: ["gzip", "sha256sum"],
  installed: "",
  isChanging: false,
  parts: [],
};

describe("the facts of this machine", () => {
  test("come in one round trip", async () => {
    const local = new LocalTransport();
    const facts = await probe(local, layoutOf({ prefix: "/tmp/no/such/prefix" }));
    expect(local.trips.count).toBe(1);
    expect(facts).toMatchObject({ os: "Linux", libc: "glibc", hasLibstdcxx: true, installed: "" });
    expect(facts.kernel).toMatch(/^\d+\.\d+/);
    expect(facts.isRoot).toBe(process.getuid?.() === 0);
    expect(facts.tools).toContain("gzip");
    expect(facts.freeBytes).toBeGreaterThan(0);
    expect(platformOf("here", facts, ["linux-x64", "linux-arm64"])).toMatch(/^linux-/);
  });

  const busybox = "/bin/busybox";
  test.skipIf(!existsSync(busybox))("are the same when busybox asks", async () => {
    const asked: { stdin: string }[] = [];
    const local = new LocalTransport();
    local.exec = async (_argv, options) => {
      asked.push({ stdin: options?.stdin as string });
      return { code: 0, stdout: "", stderr: "" };
    };
    await probe(local, layoutOf({})).catch(() => {});
    const argv = ["sh", "-s", "--", "/opt/fairlead"];
    const said = execFileSync(busybox, argv, { input: asked[0]!.stdin, encoding: "utf8" });
    const facts = parseFacts(said);
    const ours = await probe(new LocalTransport(), layoutOf({}));
    expect({ ...facts, freeBytes: 0 }).toEqual({ ...ours, freeBytes: 0 });
  });

  test("are found between what login scripts print, and are nothing when cut short", () => {
    const body = "\nfairlead-facts-begin\nos=Linux\nlibc=glibc 2.36\ncgroups=y:y\n";
    const facts = parseFacts(`Welcome!\nos=Evil${body}part=ab\npart=cd\nfairlead-facts-end\nbye`);
    expect(facts).toMatchObject({ os: "Linux", cgroups: "hybrid", parts: ["ab", "cd"] });
    expect(facts?.libcVersion).toBe("2.36");
    expect(parseFacts(body)).toBeUndefined();
    expect(parseFacts("This account is not available.\n")).toBeUndefined();
  });
});

describe("a host that is", () => {
  const cases: [string, Partial<HostFacts>, RegExp][] = [
    ["no Linux", { os: "FreeBSD" }, /runs FreeBSD/],
    ["of another processor", { machine: "riscv64" }, /processor \(riscv64\)/],
    ["without a bundle for it", { machine: "aarch64" }, /processor \(aarch64\)/],
    ["of musl", { libc: "musl" }, /musl/],
    ["of an old glibc", { libcVersion: "2.17" }, /glibc 2\.17 is older than 2\.28/],
    ["of an old kernel", { kernel: "3.10.0-1160.el7" }, /kernel 3\.10\.0/],
    ["without libstdc++", { hasLibstdcxx: false }, /libstdc\+\+/],
    ["without cgroups", { cgroups: "none" }, /cgroups/],
    ["without sha256sum", { tools: [] }, /sha256sum/],
  ];
  for (const [what, facts, says] of cases) {
    test(`${what} is refused in one sentence`, () => {
      const call = () => platformOf("web-1", { ...good, ...facts }, ["linux-x64"]);
      expect(call).toThrow(says);
      expect(call).toThrow(expect.objectContaining({ code: "unsupported" }));
    });
  }

  const part = { name: "node", sha256: "a".repeat(64), size: 5e8, gzSize: 1 };
  const bundle = { parts: [part] } as unknown as Bundle;
  test("too full is refused, unless the parts are there already", () => {
    const facts = { ...good, freeBytes: 1e8 };
    expect(() => checkInstallable("h", facts, bundle, false)).toThrow(/MiB are free/);
    checkInstallable("h", { ...facts, parts: [part.sha256] }, bundle, false);
  });

  test("without root is refused, unless sudo helps", () => {
    const facts = { ...good, isRoot: false };
    expect(() => checkInstallable("h", facts, bundle, false)).toThrow(/no sudo/);
    const asks = { ...facts, tools: ["sudo"] };
    expect(() => checkInstallable("h", asks, bundle, false)).toThrow(/asks for a password/);
    checkInstallable("h", asks, bundle, true);
    checkInstallable("h", { ...facts, hasSudo: true }, bundle, false);
  });
});

test("paths and names that a unit file could misread are refused", () => {
  const bad = ["relative", "/a b", "/a/../b", "/a%h", '/a"b', "/a\nExecStart=/bin/sh", "/$HOME"];
  for (const root of bad) expect(() => layoutOf({ root })).toThrow(/plain absolute path/);
  expect(() => layoutOf({ instance: "a b" })).toThrow(/instance name/);
  expect(() => layoutOf({ run: `/${"x".repeat(120)}` })).toThrow(/107 bytes/);
  expect(layoutOf({ instance: "lab" })).toMatchObject({
    root: "/var/lib/lab",
    socket: "/run/lab/agent.sock",
    prefix: "/opt/fairlead",
  });
});
