// The examples on bare hosts over SSH: the agent is installed, containers are made, drift is seen
// and repaired, two runs go at once, and everything is taken away.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../../lab/lab.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const reason =
  whyNoTerraform() ??
  whyNoLab() ??
  (existsSync("dist/bundle") ? undefined : "the bundle for hosts is not built");
if (reason) console.log(`terraform is not driven against hosts: ${reason}`);

describe.skipIf(reason !== undefined)("terraform and bare hosts", () => {
  let lab: Lab;
  // A process serves one configuration at a time: two runs at once have one each.
  const provider = new Reattached();
  const second = new Reattached();
  beforeAll(async () => {
    execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
    lab = await Lab.open(2);
    await Promise.all([provider.start(), second.start()]);
  });
  afterAll(async () => {
    provider.stop();
    second.stop();
    await lab?.close();
  });

  function workspace(
    example: string,
    variables: Record<string, string>,
    { variable } = provider,
  ): Workspace {
    const terraform = new Workspace({
      TF_REATTACH_PROVIDERS: variable,
      TF_VAR_known_hosts: lab.knownHostsPath,
      TF_VAR_private_key: readFileSync(lab.privateKeyPath, "utf8"),
      TF_VAR_rootfs: resolve("examples/hello/rootfs"),
      ...variables,
    });
    cpSync(join("examples", example, "main.tf"), join(terraform.folder, "main.tf"));
    return terraform;
  }

  test("one host is made ready and serves a page; drift is seen and repaired", async () => {
    const host = lab.host("h1");
    const terraform = workspace("terraform-single-host", { TF_VAR_address: host.address });
    const agent = (command: string) => lab.ssh(host, command);
    try {
      expect(await terraform.apply()).toContain("5 added");
      expect(await (await fetch(`http://${host.address}:8080/`)).text()).toBe("hello\n");
      expect((await terraform.plan()).text).toContain("No changes");
      const curl = (method: string, path: string) =>
        `/opt/fairlead/current/node -e 'require("http").request({socketPath:` +
        `"/run/fairlead/agent.sock",method:"${method}",path:"${path}"}).end()'`;
      await agent(curl("POST", "/containers/app/stop?t=0"));
      expect((await terraform.plan()).code).toBe(2);
      await terraform.apply();
      expect((await terraform.plan()).code).toBe(0);
      // Nothing on the host changes when only the way to it does.
      const before = await terraform.state("fairlead_container.app");
      const main = join(terraform.folder, "main.tf");
      const text = readFileSync(main, "utf8").replace(
        "known_hosts = var",
        "port = 22\nknown_hosts = var",
      );
      const { writeFileSync } = await import("node:fs");
      writeFileSync(main, text);
      expect((await terraform.plan()).text).toContain("0 to add, 1 to change, 0 to destroy");
      await terraform.apply();
      const after = await terraform.state("fairlead_container.app");
      expect(after.container_id).toBe(before.container_id);
    } finally {
      const { text } = await terraform.run("destroy", "-auto-approve");
      expect(text).toContain("5 destroyed");
      await terraform.close();
    }
  });

  test("a fleet comes up on every host, by two runs at once", async () => {
    const hosts = Object.fromEntries(lab.hosts.map(({ name, address }) => [name, address]));
    const fleet = workspace("terraform-fleet", { TF_VAR_hosts: JSON.stringify(hosts) });
    const address = { TF_VAR_address: lab.host("h2").address };
    const other = workspace("terraform-single-host", address, second);
    other.write("", "empty.tf");
    try {
      const renamed = readFileSync(join(other.folder, "main.tf"), "utf8")
        .replace('name     = "app"', 'name     = "single"')
        .replace("example/app:1", "example/single:1");
      const { writeFileSync } = await import("node:fs");
      writeFileSync(join(other.folder, "main.tf"), renamed);
      // Both are waited for, so that what one says is not lost to a clean-up under the other.
      const runs = await Promise.allSettled([fleet.apply(), other.apply()]);
      const said = runs.map((run) => (run.status === "fulfilled" ? run.value : String(run.reason)));
      expect(said[0]).toContain("6 added");
      expect(said[1]).toContain("5 added");
      expect((await fleet.plan()).text).toContain("No changes");
      expect((await other.plan()).text).toContain("No changes");
      const destroyed = await fleet.run("destroy", "-auto-approve");
      expect(destroyed.text).toContain("6 destroyed");
    } finally {
      // Only cleans up: an assertion here would hide the one that failed first.
      for (const one of [fleet, other]) {
        await one.run("destroy", "-auto-approve");
        await one.close();
      }
    }
  });
});
