import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Hosts } from "../../../../providers/engine/hosts/hosts.ts";
import type { HostSpec } from "../../../../resources/kinds/host/host.ts";
import { Lab, whyNoLab } from "../../../lab/lab.ts";

const built = resolve("dist/bundle/linux-x64/manifest.json");
const reason = whyNoLab() ?? (existsSync(built) ? undefined : "needs the bundle: npm run build");
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("the real agent on a host with systemd", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.open(1);
  });
  afterAll(() => lab?.close());

  const onHost = (command: string) => lab.ssh(lab.host("h1"), command);
  const spec = (user: string): HostSpec => ({
    host: lab.host("h1").address,
    user,
    privateKey: lab.privateKeyPath,
    knownHosts: lab.knownHostsPath,
  });
  const open = () => new Hosts({ configFiles: [], bundleFolder: resolve("dist/bundle") });

  test("is installed by a user with sudo, and found again in two round trips by root", async () => {
    const hosts = open();
    expect((await hosts.connectReadOnly("h1", spec("deploy"))).version).not.toBe("");
    expect(await onHost("ls /opt /var/lib | grep fairlead || true")).toBe("");
    const engine = await hosts.connectAndInstall("h1", spec("deploy"));
    expect(await engine.containers.list()).toEqual([]);
    await hosts.close();
    expect(await onHost("systemctl is-enabled fairlead; systemctl is-active fairlead")).toBe(
      "enabled\nactive\n",
    );
    const verify = "systemd-analyze verify /etc/systemd/system/fairlead.service 2>&1 || true";
    expect(await onHost(verify)).toBe("");
    const own = "/proc/$(systemctl show -p MainPID --value fairlead)/limits";
    expect(await onHost(`awk '/^Max core/ { print $5, $6 }' ${own}`)).toBe("unlimited unlimited\n");
    const again = open();
    await again.connectReadOnly("h1", spec("root"));
    expect(await again.roundTrips()).toBe(2);
    await again.close();
  });

  test("is a short wait away after kill -9 and after a reboot", async () => {
    await onHost("kill -9 $(systemctl show -p MainPID --value fairlead)");
    const killed = open();
    await killed.connectReadOnly("h1", spec("root"));
    await killed.close();
    await lab.host("h1").reboot();
    const rebooted = open();
    await rebooted.connectReadOnly("h1", spec("deploy"));
    await rebooted.close();
  });

  test("is taken off with everything it made", async () => {
    const hosts = open();
    await hosts.uninstall("h1", spec("deploy"), { volumes: true });
    await hosts.close();
    const left = "ls -d /opt/fairlead /var/lib/fairlead /run/fairlead /etc/systemd/system/fair*";
    expect(await onHost(`${left} /sys/fs/cgroup/fairlead 2>/dev/null; true`)).toBe("");
    // Not /sys/class/net: that of a lab host shows the interfaces of the machine below it.
    expect(await onHost("ip -brief link | grep fair || true")).toBe("");
    expect(await onHost("systemctl --failed --no-legend; pgrep -f '[a]gent.cjs' || true")).toBe("");
  });
});
