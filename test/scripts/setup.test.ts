import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const root = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "fairlead-setup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOCKED = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 868 (apt-get)";

/** Runs setup.sh on a machine that lacks everything, with an apt-get whose update is as given. */
function setup(name: string, update: string) {
  const program = (command: string, text: string) => {
    writeFileSync(join(folder, command), `#!/bin/bash\n${text}\n`);
    chmodSync(join(folder, command), 0o755);
  };
  const log = join(folder, `${name}.log`);
  program("dpkg-query", "exit 1");
  program(
    "apt-get",
    [
      `echo "$*" >> ${log}`,
      `if [ "$1" = update ]; then times=$(grep -c '^update' ${log}); ${update}; fi`,
    ].join("\n"),
  );
  const ran = spawnSync("bash", ["scripts/setup.sh", "build"], {
    encoding: "utf8",
    env: { PATH: `${folder}:/usr/bin:/bin` },
  });
  return { ...ran, calls: readFileSync(log, "utf8").trim().split("\n") };
}

describe.skipIf(!root)("the setup script (as root)", () => {
  test("waits while another program holds apt's lock, and says who", () => {
    const ran = setup("locked", `[ $times -gt 1 ] || { echo "${LOCKED}" >&2; exit 100; }`);
    expect(ran.stderr).toContain(`waiting up to 5 minutes: ${LOCKED}`);
    expect(ran.status).toBe(0);
    expect(ran.calls.map((call) => call.match(/update|install/)?.[0])).toEqual([
      "update",
      "update",
      "install",
    ]);
    expect(ran.calls[2]).toContain("DPkg::Lock::Timeout=300");
  });

  test("ends with apt's own words when the lists cannot be fetched", () => {
    const ran = setup("broken", `echo "E: no such mirror" >&2; exit 100`);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("E: no such mirror");
    expect(ran.calls).toHaveLength(1);
  });
});
