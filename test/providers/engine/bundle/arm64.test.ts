// The bundle for arm64 hosts, run by an emulator on the machine that built it: Node with our addon,
// the static binary, and the agent answering on its socket. `npm run build:all` makes the bundle.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformOf } from "../../../../providers/engine/bootstrap/support.ts";
import { loadBundle, platformsIn } from "../../../../providers/engine/bundle/bundle.ts";
import { readElf } from "../../../agent/native/elf.ts";

const LIBRARIES = "/usr/aarch64-linux-gnu";
const EMULATOR = "/usr/bin/qemu-aarch64-static";
const ARM64 = 183;

function whyNot(): string | undefined {
  if (!platformsIn("dist/bundle").includes("linux-arm64")) return "npm run build:all makes it";
  if (!existsSync(EMULATOR)) return "qemu-user-static is not installed";
  if (!existsSync(join(LIBRARIES, "lib/libstdc++.so.6"))) return "g++-aarch64-linux-gnu is missing";
  return process.getuid?.() === 0 ? undefined : "the agent needs root";
}

const skip = whyNot();
if (skip) console.log(`skipped: the bundle for arm64: ${skip}`);

describe.skipIf(skip)(`the bundle for arm64 (skipped: ${skip ?? "no"})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-arm64-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const argv = (name: string, ...args: string[]) => ["-L", LIBRARIES, join(folder, name), ...args];
  const run = (input: Buffer | string, name: string, ...args: string[]) =>
    spawnSync(EMULATOR, argv(name, ...args), { input, encoding: "utf8", timeout: 60_000 });

  beforeAll(async () => {
    const bundle = loadBundle("dist/bundle", "linux-arm64");
    for (const part of bundle.parts) {
      const bytes = await buffer(bundle.open(part).pipe(createGunzip()));
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(part.sha256);
      writeFileSync(join(folder, part.name), bytes);
      chmodSync(join(folder, part.name), 0o755);
    }
  });

  test("is chosen for a host that says aarch64, and holds arm64 binaries", () => {
    const facts = { os: "Linux", machine: "aarch64", kernel: "6.1.0", libc: "glibc" } as const;
    const rest = {
      libcVersion: "2.36",
      hasLibstdcxx: true,
      cgroups: "v2",
      init: "systemd",
    } as const;
    const more = { isRoot: true, hasSudo: false, freeBytes: 1e10, tools: ["sha256sum"] };
    const host = { ...facts, ...rest, ...more, installed: "", parts: [], isChanging: false };
    expect(platformOf("arm", host, platformsIn("dist/bundle"))).toBe("linux-arm64");
    for (const name of ["node", "fairlead.node", "fairlead-runtime"]) {
      expect(readElf(join(folder, name)).machine).toBe(ARM64);
    }
  });

  test("has the same code as the one for x64", () => {
    const digestOf = (platform: string) =>
      loadBundle("dist/bundle", platform).parts.find(({ name }) => name === "agent.cjs")?.sha256;
    expect(digestOf("linux-arm64")).toBe(digestOf("linux-x64"));
  });

  test("runs the static binary: its features, an init, an unpacked layer", () => {
    expect(run("", "fairlead-runtime", "--version").stdout).toMatch(/^fairlead-runtime version/);
    const features = JSON.parse(run("", "fairlead-runtime", "features").stdout);
    expect(features.linux.seccomp.archs).toContain("SCMP_ARCH_AARCH64");
    const failing = run("", "fairlead-runtime", "init", "--", "/bin/sh", "-c", "exit 7");
    expect(failing.status).toBe(7);
    const layer = execFileSync("tar", ["-c", "README.md", "docs"], { maxBuffer: 1 << 28 });
    const root = join(folder, "layer");
    mkdirSync(root);
    const unpacked = run(layer, "fairlead-runtime", "unpack", "--root", root);
    expect(JSON.parse(unpacked.stdout)).toMatchObject({ ok: true });
    expect(readdirSync(root).sort()).toEqual(["README.md", "docs"]);
  });

  test("starts the agent, which answers what a Docker client asks", async () => {
    const socket = join(folder, "agent.sock");
    const places = ["--root", join(folder, "lib"), "--run", join(folder, "run")];
    const options = [...places, "--instance", `fa${process.pid}`, "--socket", socket];
    const agent = spawn(EMULATOR, argv("node", join(folder, "agent.cjs"), ...options), {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    agent.stderr.on("data", (chunk) => {
      said += chunk;
    });
    try {
      for (let tries = 0; tries < 900 && !existsSync(socket); tries++) {
        expect(agent.exitCode, said).toBe(null);
        await sleep(200);
      }
      const version = JSON.parse(await get(socket, "/version"));
      expect(version).toMatchObject({ Os: "linux", Arch: "arm64" });
      expect(JSON.parse(await get(socket, "/containers/json"))).toEqual([]);
    } finally {
      const ended = new Promise((done) => agent.on("close", done));
      agent.kill("SIGTERM");
      await ended;
      run("", "node", join(folder, "agent.cjs"), ...options, "--purge");
    }
  }, 240_000);
});

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((done, failed) => {
    request({ socketPath, path }, (response) => {
      buffer(response).then((bytes) => done(bytes.toString()), failed);
    })
      .on("error", failed)
      .end();
  });
}
