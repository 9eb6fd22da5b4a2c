// Configurations that are refused, each with the place and the reason.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, type Config, missing } from "./bundle.ts";
import { fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

describe.skipIf(missing)(`a bad configuration (skipped: ${missing ?? "no"})`, () => {
  const cases: { title: string; edit: (config: Config) => void; err: RegExp }[] = [
    {
      title: "an unknown version",
      edit: (c) => (c.ociVersion = "2.0.0"),
      err: /ociVersion: must be a version 1\.x\.y/,
    },
    {
      title: "a relative working directory",
      edit: (c) => (c.process.cwd = "x"),
      err: /process\.cwd: must be an absolute path/,
    },
    {
      title: "arguments of the wrong type",
      edit: (c) => (c.process.args = [1]),
      err: /process\.args: must be a string/,
    },
    {
      title: "a NUL byte",
      edit: (c) => (c.process.args = ["a\0b"]),
      err: /must not contain a NUL byte/,
    },
    {
      title: "a limit given twice",
      edit: (c) =>
        (c.process.rlimits = [1, 1].map(() => ({ type: "RLIMIT_CPU", soft: 1, hard: 1 }))),
      err: /rlimits\[1\]\.type: is given twice/,
    },
    {
      title: "an unknown namespace",
      edit: (c) => c.linux.namespaces.push({ type: "moon" }),
      err: /namespaces\[6\]\.type: is not a namespace: moon/,
    },
    {
      title: "a sysctl of the host",
      edit: (c) => (c.linux.sysctl = { "kernel.panic": "1" }),
      err: /set sysctl: kernel\.panic: is not a setting of a namespace/,
    },
    {
      title: "a sysctl path that leads out",
      edit: (c) => (c.linux.sysctl = { "net/../kernel/panic": "1" }),
      err: /set sysctl: .* is not a plain name/,
    },
    {
      title: "a namespace that does not exist",
      edit: (c) => (c.linux.namespaces[1].path = "/run/none"),
      err: /open namespace: \/run\/none: No such file/,
    },
    {
      title: "a cgroup controller the host lacks",
      edit: (c) => (c.linux.resources = { rdma: { mlx: { hcaHandles: 1 } } }),
      err: /limit rdma: this host has no such cgroup controller/,
    },
    {
      title: "mappings without a user namespace",
      edit: (c) => (c.linux.uidMappings = [{ containerID: 0, hostID: 1, size: 1 }]),
      err: /id mappings need a user namespace/,
    },
  ];
  for (const { title, edit, err } of cases)
    it(`is refused with a reason: ${title}`, () => {
      const { id, folder } = bench!.bundle(edit);
      fails(bench!, ["create", "-b", folder, id], err);
      expect(existsSync(join(bench!.folder, "run", id))).toBe(false);
    });

  it("is refused as text that is no JSON, or nested without end", () => {
    const { id, folder } = bench!.bundle();
    writeFileSync(join(folder, "config.json"), "{");
    fails(
      bench!,
      ["create", "-b", folder, id],
      /parse config\.json: Missing a name for object member/,
    );
    writeFileSync(join(folder, "config.json"), "[".repeat(100_000));
    fails(bench!, ["create", "-b", folder, id], /nested deeper than 64 levels/);
  });

  it("is refused for an id that is no name", () => {
    const { folder } = bench!.bundle();
    for (const id of ["../x", "a/b", ".", "a b", ""])
      fails(bench!, ["create", "-b", folder, id], /must be made of letters|is missing/);
  });
});
