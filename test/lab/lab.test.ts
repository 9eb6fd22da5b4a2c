import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "./lab.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("the lab", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open(2);
  });
  afterAll(async () => {
    await lab?.close();
  });

  test("boots hosts with sshd and systemd, and none of what fairlead must do without", async () => {
    const host = lab.host("h1");
    expect(await lab.ssh(host, "hostname; cat /proc/1/comm")).toBe("h1\nsystemd\n");
    const absent = "docker podman python3 nft iptables ip go curl node";
    const found = `for p in ${absent}; do command -v $p; done; true`;
    expect(await lab.ssh(host, found)).toBe("");
  });

  test("gives the deploy user sudo without a password", async () => {
    expect(await lab.ssh(lab.host("h2"), "sudo -n id -u", "deploy")).toBe("0\n");
  });

  test("lets hosts reach each other and write cgroups", async () => {
    const [first, second] = [lab.host("h1"), lab.host("h2")];
    const banner = `exec 3<>/dev/tcp/${second.address}/22; read -r line <&3; echo $line`;
    expect(await lab.ssh(first, `bash -c '${banner}'`)).toContain("SSH-2.0");
    await lab.ssh(first, "mkdir /sys/fs/cgroup/memory/try && rmdir /sys/fs/cgroup/memory/try");
  });

  test("a power cycle keeps the disk, loses /run and changes the boot id", async () => {
    const host = lab.host("h1");
    const id = await lab.ssh(
      host,
      "touch /run/gone /var/lib/kept; cat /proc/sys/kernel/random/boot_id",
    );
    await host.reboot();
    expect(await lab.ssh(host, "ls /run/gone /var/lib/kept 2>/dev/null || true")).toBe(
      "/var/lib/kept\n",
    );
    expect(await lab.ssh(host, "cat /proc/sys/kernel/random/boot_id")).not.toBe(id);
  });
});
