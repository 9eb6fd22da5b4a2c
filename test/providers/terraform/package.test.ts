// How programs find the constructs: also those whose compiler knows no `exports`, as a project of
// `cdktf init` has it (module CommonJS, no moduleResolution).
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const require = createRequire(import.meta.url);
// The compiler that comes with Pulumi's SDK is one that still resolves in the old way.
const ts = require(resolve("node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js"));
const built = existsSync("dist/cdktf/index.d.ts");

describe.skipIf(!built)("a program without moduleResolution", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-resolution-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(resolve("."), join(folder, "node_modules/fairlead"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["cdktf", "cdktn", "pulumi"])("finds the types and the code of fairlead/%s", (name) => {
    const options = { module: ts.ModuleKind.CommonJS };
    const from = join(folder, "main.ts");
    const { resolvedModule } = ts.resolveModuleName(`fairlead/${name}`, from, options, ts.sys);
    expect(existsSync(resolvedModule?.resolvedFileName ?? "")).toBe(true);
    const { main } = require(resolve(name, "package.json"));
    expect(existsSync(resolve(name, main))).toBe(true);
  });

  test("and the package has them", () => {
    expect(require(resolve("package.json")).files).toEqual(
      expect.arrayContaining(["cdktf", "cdktn", "pulumi", "dist"]),
    );
  });
});
