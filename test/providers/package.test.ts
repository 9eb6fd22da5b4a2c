import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "fairlead-consumer-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(resolve("."), join(folder, "node_modules/fairlead"));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
import { plan, type Plan } from "fairlead";
const made: Plan = await plan({ project: "shop", hosts: {}, resources: [] });
console.log(JSON.stringify(made.operations));
`;

test("a program imports plan from the built package and runs it", () => {
  const script = join(folder, "program.mjs");
  writeFileSync(script, PROGRAM.replace("type Plan", "apply").replace(": Plan", ""));
  expect(execFileSync(process.execPath, [script], { encoding: "utf8" })).toBe("[]\n");
});

test("the package's types accept that program and refuse a wrong one", () => {
  expect(typecheck(PROGRAM)).toBe("");
  expect(typecheck(PROGRAM.replace('"shop"', "5"))).toContain("not assignable to type 'string'");
});

function typecheck(program: string): string {
  writeFileSync(join(folder, "program.ts"), program);
  const modules = ["--module", "nodenext", "--target", "es2023", "--types", "node"];
  const roots = ["--typeRoots", resolve("node_modules/@types")];
  const options = ["--noEmit", "--strict", "--skipLibCheck", ...modules, ...roots];
  try {
    execFileSync(
      process.execPath,
      [resolve("node_modules/typescript/bin/tsc"), ...options, "program.ts"],
      { cwd: folder, encoding: "utf8" },
    );
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
