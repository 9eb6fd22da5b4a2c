import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { RuntimeEntry } from "../../../agent/runtime/runtime-entry.ts";
import { checkDriver } from "../../../agent/runtime/runtime-limits.ts";
import { Runtimes } from "../../../agent/runtime/runtimes.ts";

const folder = mkdtempSync(join(tmpdir(), "fruntimes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "runtimes.json");
const runtimes = new Runtimes({ binary: "/opt/fairlead-runtime", file });
const written = (value: unknown) =>
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));

describe("the runtimes of a host", () => {
  test("without a file the native one is there, is the default, and has its old name too", () => {
    expect(runtimes.default).toBe("native");
    expect(runtimes.require("fairlead")).toMatchObject({ name: "native", kind: "native" });
    expect(runtimes.list().map(({ name }) => name)).toContain("fairlead-runtime");
  });

  test("the file names further ones and the default; an edit holds at once", () => {
    const path = join(folder, "special");
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, 0o755);
    written({ default: "x", runtimes: { x: { path, options: ["--a"], cgroups: "shim" } } });
    expect(runtimes.default).toBe("x");
    expect(runtimes.require("x")).toEqual({
      ...{ name: "x", kind: "oci", path, options: ["--a"], ownCgroup: true },
    });
    rmSync(path);
    expect(() => runtimes.require("x")).toThrow(`the runtime x is not there: ${path}`);
    rmSync(file);
    expect(runtimes.default).toBe("native");
  });

  test.each([
    ["{", "not usable"],
    [{ runtimes: { x: { path: "runc" } } }, "must be an absolute path"],
    [{ runtimes: { X: { path: "/x" } } }, "runtimes"],
    [{ runtimes: { x: { path: "/x", options: ["create"] } } }, "must begin with -"],
    [{ runtimes: { native: { path: "/x" } } }, "the name is taken"],
    [{ default: "none" }, "unknown or invalid runtime name: none"],
    [{ other: 1 }, "not usable"],
  ])("refuses the file %j", (value, words) => {
    written(value);
    expect(() => runtimes.default).toThrow(words);
    rmSync(file);
  });

  test("an unknown name is refused with those that are there", () => {
    expect(() => runtimes.require("kata")).toThrow("unknown or invalid runtime name: kata");
  });
});

describe("what a driver cannot do", () => {
  const lxc: RuntimeEntry = {
    ...{ name: "lxc", kind: "lxc", path: "/usr/bin", options: [], ownCgroup: false },
  };

  test.each([
    [{ Binds: ["/a:/b:ro,rshared"] }],
    [
      {
        Mounts: [
          { Type: "bind" as const, Target: "/b", BindOptions: { Propagation: "slave" as const } },
        ],
      },
    ],
  ])("lxc passes no mounts on: %j", (host) => {
    expect(() => checkDriver(host, lxc, false)).toThrow("with the runtime lxc");
    expect(() => checkDriver(host, { ...lxc, kind: "oci" }, false)).not.toThrow();
  });

  test("only the native one runs under an ordinary user", () => {
    expect(() => checkDriver({}, lxc, true)).toThrow("the agent on this host is not root");
    expect(() => checkDriver({}, { ...lxc, kind: "native" }, true)).not.toThrow();
  });
});
