// The parsers in C++ over inputs that are almost right, as they are built for the hosts: hardened
// libraries end the process at the first step beyond a buffer. `npm run fuzz` runs the same targets
// for minutes, guided by coverage and with sanitizers.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSeeds } from "./seeds.ts";

const skip =
  process.getuid?.() !== 0
    ? "root is needed to shut the unpacker in"
    : existsSync("agent/native/build/fairlead-runtime")
      ? undefined
      : "agent/native is not built";
const seconds = process.env.FAIRLEAD_FUZZ_SECONDS ?? "1";
const seed = process.env.FAIRLEAD_FUZZ_SEED ?? "1";
const targets = ["config", "seccomp", "netlink", "archive", "dns", "shim", "dbus"];

describe.skipIf(skip)(`hostile input for the native reader (skipped: ${skip ?? "no"})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-seeds-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    execFileSync("make", ["-s", "-C", "agent/native", "replay"]);
    expect(await writeSeeds(folder)).toEqual(targets);
  });

  test.each(targets)("of %s never brings it down", (target) => {
    const args = [target, join(folder, target), seconds, seed];
    const said = execFileSync("agent/native/build/fuzz/fairlead-replay", args, {
      encoding: "utf8",
      timeout: Number(seconds) * 1000 + 60_000,
    });
    expect(said).toMatch(/^[1-9]\d* inputs replayed, [1-9]\d* mutated\n$/);
  });
});
