// The real terraform, reattached to one running provider, against a real dockerd.
import { expect, test } from "vitest";
import { describeOnDocker, nothingToDo, SLOW } from "./on-docker.ts";

describeOnDocker("terraform and a host", (on) => {
  const { docker } = on;
  const inspect = async (name: string) => JSON.parse(await docker.docker("inspect", name))[0];

  test(
    "a container, its network, volume and image are made, changed, replaced, removed",
    SLOW,
    () =>
      on.inWorkspace(async (terraform) => {
        const configuration = (more: string, memory: string) => `${on.base()}
resource "fairlead_network" "front" {
  host = fairlead_host.here.id
}
resource "fairlead_volume" "data" {
  host = fairlead_host.here.id
  name = "data"
}
resource "fairlead_container" "web" {
  host     = fairlead_host.here.id
  name     = "web"
  image    = fairlead_image.app.ref
  init     = true
  settle   = "100ms"
  memory   = "${memory}"
  env      = { MODE = "a" ${more} }
  ports    = [{ published = 18380, target = 8080, host_ip = "127.0.0.1" }]
  networks = { (fairlead_network.front.name) = { aliases = ["www"] } }
  mounts   = [{ type = "volume", source = fairlead_volume.data.name, target = "/data" }]
}
`;
        terraform.write(configuration("", "32m"));
        const first = await terraform.apply();
        expect(first).toContain("5 added, 0 changed, 0 destroyed");
        expect((await terraform.plan()).text).toContain("No changes");
        const before = await inspect("web");
        expect(before.HostConfig.Memory).toBe(32 << 20);
        expect(await terraform.state("fairlead_container.web")).toMatchObject({
          ...{ id: "here/web", container_id: before.Id, status: "running", memory: "32m" },
        });

        terraform.write(configuration("", "0.03125g"));
        await nothingToDo(terraform);

        terraform.write(configuration("", "48m"));
        const planned = await terraform.plan();
        expect(planned.text).toMatch(/0 to add, 1 to change, 0 to destroy/);
        await terraform.apply();
        const changed = await inspect("web");
        expect([changed.Id, changed.HostConfig.Memory]).toEqual([before.Id, 48 << 20]);

        terraform.write(configuration(', TWO = "b"', "48m"));
        expect((await terraform.plan()).text).not.toMatch(/forces replacement/);
        expect(await terraform.apply()).toContain("0 added, 1 changed, 0 destroyed");
        expect((await inspect("web")).Config.Env).toContain("TWO=b");
        await nothingToDo(terraform);

        await docker.docker("stop", "-t", "0", "web");
        expect((await terraform.plan()).code).toBe(2);
        await terraform.apply();
        expect((await inspect("web")).State.Running).toBe(true);

        await docker.docker("rm", "-f", "web");
        expect((await terraform.plan()).text).toContain("1 to add, 0 to change, 0 to destroy");
        await terraform.apply();
        await nothingToDo(terraform);

        await docker.docker("update", "--memory", "64m", "--memory-swap", "128m", "web");
        const drift = await terraform.plan();
        expect(drift.text).toMatch(/memory\s+= "64m" -> "48m"/);
        await terraform.apply();
        expect((await inspect("web")).HostConfig.Memory).toBe(48 << 20);
        expect((await terraform.run("destroy", "-auto-approve")).text).toContain("5 destroyed");
        expect(await docker.docker("ps", "-aq")).toBe("");
        expect(await docker.docker("volume", "ls", "-q")).toBe("");
      }),
  );
});
