// podman, containerd and Docker with our binary as their runtime: run, exec, pause, update, stop
// and remove, each to the same end.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLERS, type Caller } from "./callers.ts";

const binary = resolve("agent/native/build/fairlead-runtime");
const unbuilt = existsSync(binary) ? undefined : "agent/native is not built";
const LIMIT = 48 << 20;

function busyboxRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "fairlead-callers-"));
  for (const name of ["bin", "tmp", "etc"]) mkdirSync(join(root, name));
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of execFileSync("/bin/busybox", ["--list"]).toString().trim().split("\n")) {
    if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  }
  return root;
}

for (const { name, missing, make } of CALLERS) {
  const why = unbuilt ?? missing;
  describe.skipIf(why)(`${name} (skipped: ${why ?? "no"})`, () => {
    let caller: Caller;
    let root: string;
    beforeAll(async () => {
      root = busyboxRoot();
      caller = make(binary);
      await caller.start(root);
    });
    afterAll(async () => {
      await caller?.close();
      rmSync(root, { recursive: true, force: true });
    });

    it("runs a container to its end", async () => {
      expect(await caller.once("sh", "-c", "echo $((6 * 7))")).toBe("42\n");
      await expect(caller.once("sh", "-c", "exit 3")).rejects.toThrow();
    });

    it("leads one through its whole life", async () => {
      await caller.sleeper("life");
      expect(await caller.status("life")).toBe("running");
      expect(await caller.exec("life", "cat", "/proc/1/comm")).toBe("sleep\n");
      await expect(caller.exec("life", "false")).rejects.toThrow();
      if (caller.groups) {
        await caller.pause("life");
        expect(await caller.status("life")).toBe("paused");
        await caller.resume("life");
        expect(await caller.status("life")).toBe("running");
      }
      if (caller.groups && caller.limitMemory) {
        await caller.limitMemory("life", LIMIT);
        const files = "memory/memory.limit_in_bytes memory.max";
        const line = `cd /sys/fs/cgroup; cat ${files} 2>/dev/null; true`;
        expect(await caller.exec("life", "sh", "-c", line)).toBe(`${LIMIT}\n`);
      }
      await caller.stop("life");
      expect(await caller.status("life")).toMatch(/exited|stopped/);
      await caller.remove("life");
      expect(await caller.status("life").catch(() => "")).toBe("");
      if (caller.remains) expect(await caller.remains()).toBe("");
    });

    it("says why a program cannot run", async () => {
      await expect(caller.once("/no/such/program")).rejects.toThrow(/no such file/i);
    });
  });
}
