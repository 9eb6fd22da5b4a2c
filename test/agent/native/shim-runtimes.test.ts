// Containers that other runtimes make for a shim: what they must not do to the host.
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { BINARY, eventually, makeShimLab, processObject, whyNot } from "./shim-lab.ts";

const RUNTIMES = {
  "its own command line": BINARY,
  runc: "/usr/sbin/runc",
  crun: "/usr/bin/crun",
};

const owner = () => {
  const { uid, gid, mode, rdev } = statSync("/dev/null");
  return { uid, gid, mode, rdev };
};

const reason = whyNot();
describe.skipIf(reason)("a container of a user, with streams that nobody wants", () => {
  const lab = makeShimLab();
  const before = owner();
  afterAll(async () => {
    await lab.clean();
    chownSync("/dev/null", before.uid, before.gid);
  });

  // crun refuses a hybrid tree of cgroups, so that it must not see the version 2 half.
  const wrapper = join(lab.folder, "crun");
  const hide = "umount /sys/fs/cgroup/unified 2>/dev/null";
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec unshare -m sh -c '${hide}; exec ${RUNTIMES.crun} "$@"' crun "$@"\n`,
    { mode: 0o755 },
  );
  test.each(Object.entries(RUNTIMES))(
    "by %s leaves the host's /dev/null to its owner",
    async (name, path) => {
      if (!existsSync(path)) return console.log(`skipped: ${path} is not installed`);
      const user = { user: { uid: 1000, gid: 1000 } };
      const box = lab.specimen({
        run: "read line; echo read $? >/dev/stdout; exec sleep 60",
        process: user,
      });
      const runtime = name === "crun" ? wrapper : path;
      const root = join(lab.folder, `runtime-${box.id.slice(0, 6)}`);
      box.rewrite({
        runtime: { kind: "oci", name, path: runtime, root, options: [], ownCgroup: false },
      });
      await box.begin();
      await eventually("its line", () => box.log().length > 0);
      expect(box.log()[0]!.log).toBe("read 1\n");
      const id = randomBytes(32).toString("hex");
      const streams = { stdin: false, stdout: false, stderr: false };
      const run = "cat; echo gone >&0; echo gone >&1; echo gone >&2 && exit 7";
      const asked = { id, process: processObject(run, user), tty: false, attach: false };
      await box.client.exec({ ...asked, ...streams });
      await eventually("its end", async () => {
        const { running, exitCode } = await box.client.inspectExec(id);
        return !running && exitCode === 7;
      });
      expect(owner()).toEqual(before);
    },
  );
});
