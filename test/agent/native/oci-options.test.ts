// The options of the command line, as callers of runc and crun give them.
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, missing } from "./bundle.ts";
import { fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const COMMANDS =
  `create run start state kill delete exec list ps pause resume update events features
  spec`.split(/\s+/);

describe.skipIf(missing)(`options (skipped: ${missing ?? "no"})`, () => {
  for (const command of COMMANDS)
    it(`of ${command} are told by --help`, () => {
      const told = bench!.call([command, "--help"]);
      expect(told.out).toMatch(new RegExp(`^usage: fairlead-runtime ${command}\\b`));
      expect(told).toMatchObject({ status: 0, err: "" });
    });

  for (const [words, message] of [
    [["--log", "/no/such/log", "list"], /open log: \/no\/such\/log: No such file or directory/],
    [["--log-format", "xml", "list"], /--log-format must be text or json/],
    [["--cgroup-manager", "disabled", "list"], /--cgroup-manager must be cgroupfs or systemd/],
    [["list", "--format", "yaml"], /--format must be table or json/],
    [["list", "--frob"], /unknown option --frob/],
  ] as const)
    it(`refuses ${words.join(" ")}`, () => fails(bench!, [...words], message));

  it("lists a root that is not there as empty", () => {
    const listed = bench!.call(["--root", "/no/such/root", "list"]);
    expect(listed).toMatchObject({ status: 0, err: "" });
    expect(listed.out).toMatch(/^ID +PID +STATUS +BUNDLE\n$/);
    expect(existsSync("/no/such/root")).toBe(false);
  });

  it("says more in the log with --debug", () => {
    const log = join(bench!.folder, "log");
    const words = ["--debug", "--log", log, "--log-format", "json", "--cgroup-manager=cgroupfs"];
    expect(bench!.call([...words, "list", "-q"]).status).toBe(0);
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["begin of list", "end of list"]);
  });

  it("shows processes as ps does, and only the container's", () => {
    const id = bench!.sleeper();
    const rows = bench!.call(["ps", id, "-o", "pid,args"]).out.trim().split("\n");
    expect(rows[0]).toMatch(/^ *PID COMMAND$/);
    expect(rows.slice(1).map((row) => row.trim())).toEqual([`${bench!.state(id).pid} sleep 1000`]);
    fails(bench!, ["ps", id, "-o", "args"], /its options leave out the column PID/);
    fails(bench!, ["ps", id, "--nope"], /run ps: ps: it failed/);
    bench!.call(["delete", "--force", id]);
  });

  it("takes a configuration of another name", () => {
    const { id, folder } = bench!.bundle((config) => {
      config.process.args = ["echo", "here"];
    });
    mkdirSync(join(folder, "other"));
    const file = join(folder, "other/c.json");
    renameSync(join(folder, "config.json"), file);
    const words = ["run", "--no-subreaper", "--config", file, "-b", folder, id];
    expect(bench!.call(words)).toEqual({ status: 0, out: "here\n", err: "" });
  });
});
