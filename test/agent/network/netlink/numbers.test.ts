// The numbers of netlink and nftables are those of the kernel's headers, for every machine that an
// agent runs on, and none of them is typed a second time beside the messages.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const SCRIPT = resolve("scripts/generate-kernel-numbers.mjs");
const FILE = "agent/network/netlink/numbers.ts";
const COMPILERS = { "this machine": "g++", arm64: "aarch64-linux-gnu-g++" };
const text = readFileSync(FILE, "utf8");
const folder = mkdtempSync(join(tmpdir(), "fairlead-numbers-test-"));

afterAll(() => rmSync(folder, { recursive: true }));

for (const [machine, compiler] of Object.entries(COMPILERS)) {
  const missing = spawnSync(compiler, ["--version"]).error !== undefined;
  const title = `numbers are those of the headers for ${machine}`;
  test.skipIf(missing)(missing ? `${title} (needs ${compiler})` : title, () => {
    const { status, stdout, stderr } = check(process.cwd(), compiler);
    expect(stderr).toBe("");
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${text.match(/^export/gm)?.length} numbers are those of the headers\n`,
    });
  });
}

test("a number that the headers do not have is told by its name", () => {
  mkdirSync(dirname(join(folder, FILE)), { recursive: true });
  writeFileSync(join(folder, FILE), text.replace(/(NFT_CMP_GTE = )\d+/, "$199"));
  const { status, stderr } = check(folder, "g++");
  expect(status).toBe(1);
  expect(stderr).toContain("static assertion failed");
  expect(stderr).toContain("NFT_CMP_GTE == 99");
});

test("every number is used, and no source of the messages types one itself", () => {
  const sources = readdirSync("agent/network", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && join("agent/network", file) !== FILE)
    .map((file) => [file, readFileSync(join("agent/network", file), "utf8")] as const);
  const names = [...text.matchAll(/^export const (\w+)/gm)].map(([, name]) => name!);
  const used = (name: string) => sources.some(([, code]) => new RegExp(`\\b${name}\\b`).test(code));
  expect(names.filter((name) => !used(name))).toEqual([]);
  const typed = /\b(?:AF|IF[A-Z]*|IP[A-Z]*|NF[A-Z]*|NL[A-Z]*|RT[A-Z]*|CTA)_\w+ = -?\d/;
  const errno = /\bE(?:NO|EX|AC|OP|ADDR|AF|PF|PROTO|INVAL)[A-Z]* = \d/;
  const again = sources.filter(([, code]) => typed.test(code) || errno.test(code));
  expect(again.map(([file]) => file)).toEqual([]);
});

function check(cwd: string, compiler: string) {
  const env = { ...process.env, CXX: compiler };
  return spawnSync(process.execPath, [SCRIPT, "--check"], { cwd, env, encoding: "utf8" });
}
