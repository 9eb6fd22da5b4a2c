// A container or network that must be made anew, through the real terraform: in its place, safely,
// by the lifecycle that `up` has; and what only terraform can force. Beside a real dockerd.
import { expect, test } from "vitest";
import { describeOnDocker, nothingToDo, SLOW } from "./on-docker.ts";

const WELL = 'healthcheck = { test = ["CMD", "true"], interval = "200ms" }';
const SICK = 'healthcheck = { test = ["CMD", "false"], interval = "200ms", retries = 1 }';

describeOnDocker("terraform makes anew", (on) => {
  const base = () => on.base();
  const container = (more: string, address?: string) => on.container(more, address);
  const port = (published: number, more = "") =>
    container(
      `ports = [{ published = ${published}, target = 80, host_ip = "127.0.0.1" }]\n${more}`,
    );

  test("a container in its place, and says in the plan in which order and why", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const follower = (memory: string) =>
        container(
          `env = { OF = fairlead_container.web.container_id }\nmemory = "${memory}"`,
          "two",
        );
      terraform.write(base() + port(18391, WELL) + follower("32m"));
      await terraform.apply();
      const before = await on.idOf("web");

      terraform.write(base() + port(18392, WELL) + follower("32m"));
      const planned = await terraform.plan();
      expect(planned.text).toContain("0 to add, 2 to change, 0 to destroy");
      expect(planned.text).toMatch(/container_id\s+= "[0-9a-f]+" -> \(known after apply\)/);
      expect(planned.text).toMatch(/replacement\s+= .*"start-first \(nothing clashes\).*: ports"/);
      await terraform.apply();
      const after = await on.idOf("web");
      expect(after).not.toBe(before);
      expect(await terraform.state("fairlead_container.web")).toMatchObject({
        ...{ container_id: after, status: "running" },
        replacement: expect.stringContaining("start-first"),
      });
      expect(await on.names()).toEqual(["two", "web"]);
      await nothingToDo(terraform);

      terraform.write(base() + port(18392, `${WELL}\nenv = { A = "b" }`) + follower("32m"));
      expect((await terraform.plan()).text).toMatch(
        /"stop-first \(both publish port 18392\).*env"/,
      );
    }),
  );

  test("nothing when the new container is not well: the old one runs, and so the state", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      terraform.write(base() + port(18393, WELL));
      await terraform.apply();
      const before = await on.idOf("web");
      const state = await terraform.state("fairlead_container.web");
      for (const published of [18393, 18394]) {
        terraform.write(base() + port(published, SICK));
        const failed = await terraform.run("apply", "-auto-approve");
        expect([failed.code, failed.text]).toEqual([1, expect.stringContaining("is unhealthy")]);
        expect(await on.idOf("web")).toBe(before);
        expect(await on.names()).toEqual(["web"]);
        expect((await on.docker.docker("ps", "-q", "--no-trunc")).trim()).toBe(before);
        expect(await terraform.state("fairlead_container.web")).toEqual(state);
      }
      terraform.write(base() + port(18393, WELL));
      await nothingToDo(terraform);
    }),
  );

  test("what terraform forces by destroying and creating, in both orders", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      terraform.write(base() + container(""));
      await terraform.apply();
      const first = await on.idOf("web");
      const forced = await terraform.apply("-replace=fairlead_container.web");
      expect(forced).toContain("1 added, 0 changed, 1 destroyed");
      const second = await on.idOf("web");
      expect(second).not.toBe(first);

      const early = "adopt = true\nlifecycle { create_before_destroy = true }";
      terraform.write(base() + container(early));
      await terraform.apply();
      const kept = /container web is kept: create_before_destroy cannot make another one/;
      expect(await terraform.apply("-replace=fairlead_container.web")).toMatch(kept);
      await terraform.run("taint", "fairlead_container.web");
      expect(await terraform.apply()).toMatch(kept);
      expect(await on.idOf("web")).toBe(second);
      await nothingToDo(terraform);
      // The same with an edit, which needs no other object in terraform's eyes.
      terraform.write(base() + container(`${early}\nenv = { A = "b" }`));
      expect(await terraform.apply()).toContain("0 added, 1 changed, 0 destroyed");
      expect(await on.names()).toEqual(["web"]);
    }),
  );

  test("a network under its containers, which leave it and come back", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const network = (subnet: string) => `
resource "fairlead_network" "front" {
  host    = fairlead_host.here.id
  name    = "front"
  subnets = [{ subnet = "${subnet}" }]
}
${container('networks = { (fairlead_network.front.name) = { aliases = ["web", "www"] } }')}`;
      terraform.write(base() + network("10.231.1.0/24"));
      await terraform.apply();
      // A name among the aliases is no difference.
      await nothingToDo(terraform);
      const before = await on.idOf("web");
      terraform.write(base() + network("10.231.2.0/24"));
      const planned = await terraform.plan();
      expect(planned.text).toMatch(/replacement\s+= .*what is attached to it is attached again/);
      expect(planned.text).toContain("0 to add, 1 to change, 0 to destroy");
      await terraform.apply();
      expect(await on.idOf("web")).toBe(before);
      const address = "{{.NetworkSettings.Networks.front.IPAddress}}";
      expect(await on.docker.docker("inspect", "-f", address, "web")).toMatch(/^10\.231\.2\./);
      await terraform.apply();
      await nothingToDo(terraform);
    }),
  );

  test("nothing of what only uses a container that is changed while it runs", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const both = (memory: string) =>
        container(`memory = "${memory}"`) +
        container("env = { OF = fairlead_container.web.container_id }", "two");
      terraform.write(base() + both("32m"));
      await terraform.apply();
      terraform.write(base() + both("48m"));
      expect((await terraform.plan()).text).toContain("0 to add, 1 to change, 0 to destroy");
      await on.docker.docker("stop", "-t", "0", "two");
      await on.docker.docker("pause", "web");
      const { text } = await terraform.plan();
      expect(text).toMatch(/here\/two has stopped with exit code \d+: it is started again/);
      expect(text).toMatch(/here\/web is paused: it is started again/);
      await on.docker.docker("unpause", "web");
    }),
  );

  test("and destroys nothing that belongs to another project by now", SLOW, () =>
    on.inWorkspace((one) =>
      on.inWorkspace(async (other) => {
        const project = (name: string) => `provider "fairlead" {\n  project = "${name}"\n}\n`;
        const volume = (more = "") => `
resource "fairlead_volume" "data" {
  host = fairlead_host.here.id
  name = "data"
  ${more}
}
`;
        one.write(project("one") + base() + volume() + container(""));
        await one.apply();
        await on.docker.docker("rm", "-f", "web");
        await on.docker.docker("volume", "rm", "data");
        other.write(project("other") + base() + volume() + container(""));
        await other.apply();
        const theirs = await on.idOf("web");
        const unread = await one.run("destroy", "-auto-approve", "-refresh=false");
        expect(unread.text).toMatch(/volume data on here belongs to data of the project other/);
        expect(await on.idOf("web")).toBe(theirs);
        expect((await on.docker.docker("volume", "ls", "-q")).trim()).toBe("data");
        await one.run("state", "rm", "fairlead_volume.data");
      }),
    ),
  );
});
