// Others on the same machine: who holds up an installation, and whose things an uninstall removes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { bootstrap } from "../../../../providers/engine/bootstrap/bootstrap.ts";
import { probe } from "../../../../providers/engine/bootstrap/facts.ts";
import { type Layout, layoutOf } from "../../../../providers/engine/bootstrap/layout.ts";
import { LOCKED, lockPath } from "../../../../providers/engine/bootstrap/lock.ts";
import { uninstall } from "../../../../providers/engine/bootstrap/uninstall.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { fakeBundle } from "./fake-bundle.ts";
import { holdLock } from "./hold-lock.ts";

const reason =
  process.getuid?.() !== 0
    ? "needs root"
    : existsSync("/run/systemd/system")
      ? "would install a unit; the lab covers systemd"
      : undefined;
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("an installation", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-lock-"));
  const local = new LocalTransport();
  const [first, second] = [fakeBundle("0.1.0", 0), fakeBundle("0.2.0", 0)];
  let layout: Layout;
  let count = 0;

  afterEach(async () => {
    await uninstall(local, layout, undefined, { force: true, volumes: true });
  });
  afterAll(() => {
    for (const bundle of [first, second]) bundle.remove();
    rmSync(folder, { recursive: true });
  });

  function freshLayout(): void {
    const base = join(folder, `h${++count}`);
    const [prefix, root, run] = ["opt", "lib", "run"].map((name) => join(base, name));
    layout = layoutOf({ prefix, root, run, instance: `fl-lock${count}` });
  }

  test("says for whom it waits, behind a lock that no other user can hold", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    chmodSync(folder, 0o755);
    const lock = lockPath(layout.prefix);
    expect(statSync(lock).mode & 0o777).toBe(0o600);
    const intruder = await local.exec(["flock", "-n", lock, "true"]);
    expect(intruder.code).toBe(0);
    const others = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const denied = await local.exec([...others, "flock", "-n", "-s", lock, "true"]);
    expect(denied.stderr).toMatch(/Permission denied/);
    // An ordinary user still sees that somebody is at it.
    const holder = holdLock(layout.prefix);
    await once(holder.stdout, "data");
    const seen = await local.exec([
      ...others,
      "/bin/sh",
      "-c",
      `${LOCKED}locked "$1" && holder "$1"`,
      "sh",
      lock,
    ]);
    expect(seen.stdout).toBe(`root (process ${holder.pid})\n`);
    const steps: string[] = [];
    const installing = bootstrap(local, layout, {
      bundleFolder: second.folder,
      onEvent: (event) => event.type === "step" && steps.push(event.text),
    });
    const waiting = `waiting for root (process ${holder.pid}), who is changing this installation`;
    await expect.poll(() => steps, { timeout: 10_000 }).toContain(waiting);
    holder.stdin.end("\n");
    expect((await installing).version).toBe("0.2.0");
  });

  test("takes over a lock whose holder was killed, with and without flock", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    for (const path of [process.env.PATH!, pathWithoutFlock(folder)]) {
      const holder = holdLock(layout.prefix, path);
      await once(holder.stdout, "data");
      process.kill(holder.pid!, "SIGKILL");
      await once(holder, "exit");
      expect((await probe(local, layout)).isChanging).toBe(false);
      const next = holdLock(layout.prefix, path);
      await once(next.stdout, "data");
      expect((await probe(local, layout)).isChanging).toBe(true);
      next.stdin.end("\n");
      await once(next, "exit");
    }
  });

  test("is undone without touching what others have under the same name", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    const bases = cgroupBases().map((base) => join(base, layout.instance));
    const id = "ab".repeat(32);
    mkdirSync(join(layout.root, "containers", id), { recursive: true });
    const foreign = spawn("sleep", ["300"], { stdio: "ignore" });
    const own = spawn("sleep", ["300"], { stdio: "ignore" });
    const ended = once(own, "exit");
    for (const base of bases) {
      for (const [name, { pid }] of [
        ["cd".repeat(32), foreign],
        [id, own],
      ] as const) {
        mkdirSync(join(base, name), { recursive: true });
        writeFileSync(join(base, name, "cgroup.procs"), `${pid}`);
      }
      mkdirSync(join(base, "shims"), { recursive: true });
    }
    const shims = join(bases[0]!, "shims");
    const other = spawn("sleep", ["300"], { stdio: "ignore" });
    writeFileSync(join(shims, "cgroup.procs"), `${other.pid}`);
    const steps: string[] = [];
    const begin = Date.now();
    await uninstall(local, layout, undefined, {
      ...{ force: true, volumes: true },
      onStep: (step) => steps.push(step),
    });
    try {
      expect(Date.now() - begin).toBeLessThan(20_000);
      expect(await ended).toEqual([null, "SIGKILL"]);
      expect([foreign.exitCode, foreign.signalCode]).toEqual([null, null]);
      expect([other.exitCode, other.signalCode]).toEqual([null, null]);
      expect(steps).toContain("ending the containers' processes");
      expect(existsSync(join(bases[0]!, id))).toBe(false);
    } finally {
      for (const child of [foreign, other]) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      for (const base of bases) {
        for (const name of ["cd".repeat(32), "shims", "."]) {
          if (existsSync(join(base, name))) rmdirSync(join(base, name));
        }
      }
    }
  });
});

/** A PATH with all programs of the lock but flock(1). */
function pathWithoutFlock(folder: string): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const name of ["cat", "mkdir", "rmdir", "rm", "sleep", "id"]) {
    symlinkSync(existsSync(`/bin/${name}`) ? `/bin/${name}` : `/usr/bin/${name}`, join(bin, name));
  }
  return bin;
}

/** The roots of the control groups that this machine has. */
function cgroupBases(): string[] {
  const top = "/sys/fs/cgroup";
  if (existsSync(join(top, "cgroup.procs"))) return [top];
  const names = readdirSync(top).filter((name) => existsSync(join(top, name, "cgroup.procs")));
  // A group of processors takes nobody in before it has some.
  return names.filter((name) => name !== "cpuset").map((name) => join(top, name));
}
