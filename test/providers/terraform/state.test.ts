// What terraform keeps: states of an older shape, private bytes, moved addresses, imports with a
// generated configuration, what data sources show, and hosts that resources are spread over.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeOnDocker, nothingToDo, SLOW } from "./on-docker.ts";

describeOnDocker("terraform's state", (on) => {
  const base = () => on.base();
  const container = (address: string, more = "") => on.container(more, address, "app");

  test("of an older shape is brought to this one; what is private stays", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const hidden = 'env_wo = { SECRET = "hush-hush" }\n  env_wo_version = "1"';
      terraform.write(base() + container("one", hidden));
      await terraform.apply();
      const path = join(terraform.folder, "terraform.tfstate");
      const state = JSON.parse(readFileSync(path, "utf8"));
      const found = state.resources.find(({ type }: { type: string }) => {
        return type === "fairlead_container";
      });
      const [instance] = found.instances;
      const kept = JSON.parse(Buffer.from(instance.private, "base64").toString());
      expect(kept).toMatchObject({ resource: "app", hiddenEnv: ["SECRET"] });
      expect(JSON.stringify(kept)).not.toContain("hush");
      // As a version wrote it that had other attributes: one is gone, two were not there yet.
      const { replace_order: _order, annotations: _annotations, ...older } = instance.attributes;
      instance.attributes = { ...older, init: "true", once: { there: [1] } };
      state.serial += 1;
      writeFileSync(path, JSON.stringify(state));
      await nothingToDo(terraform);
      const other = hidden.replace('"1"', '"2"').replace("hush-hush", "hush-now");
      terraform.write(base() + container("one", other));
      expect((await terraform.plan()).text).toMatch(/replacement\s+= .*: env"/);
      await terraform.apply();
      const after = await terraform.state("fairlead_container.one");
      expect(after).not.toHaveProperty("once");
      expect(after).toMatchObject({ init: true, annotations: null, env_wo: null });
    }),
  );

  test("follows moved blocks, and lets go of what is only removed from it", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      terraform.write(base() + container("one"));
      await terraform.apply();
      const { container_id: id } = await terraform.state("fairlead_container.one");
      terraform.write(`${base()}
moved {
  from = fairlead_container.one
  to   = fairlead_container.all["app"]
}
${container("all", 'for_each = toset(["app"])')}`);
      const moved = await terraform.plan();
      expect(moved.text).toMatch(/has moved to fairlead_container\.all\["app"\]/);
      expect(moved.text).toContain("0 to add, 0 to change, 0 to destroy");
      await terraform.apply();
      expect(await terraform.state('fairlead_container.all["app"]')).toMatchObject({
        container_id: id,
      });
      terraform.write(`${base()}
removed {
  from = fairlead_container.all
  lifecycle { destroy = false }
}`);
      await terraform.apply();
      expect((await on.docker.docker("ps", "-q", "--no-trunc")).trim()).toBe(id);
      await on.docker.docker("rm", "-f", "app");
    }),
  );

  test("is as planned when another run has brought the image meanwhile", SLOW, () =>
    on.inWorkspace((one) =>
      on.inWorkspace(async (other) => {
        const image = (command: string, more = "") => `
resource "fairlead_image" "app" {
  host   = "unix://${on.docker.socket}"
  name   = "fairlead/shared:1"
  rootfs = "${on.docker.rootfs}"
  config = { command = ["sleep", "${command}"] }
}
${more}`;
        const uses = `
resource "fairlead_container" "app" {
  host   = "unix://${on.docker.socket}"
  name   = "app"
  image  = fairlead_image.app.ref
  init   = true
  settle = "10ms"
}`;
        for (const command of ["600", "601"]) {
          one.write(image(command, uses));
          expect((await one.run("plan", "-out=kept")).code).toBe(0);
          other.write(image(command));
          await other.apply();
          expect((await one.run("apply", "kept")).text).toContain("Apply complete!");
          await nothingToDo(one);
        }
      }),
    ),
  );

  test("takes in what others made, with a configuration that terraform writes", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      terraform.write(base());
      await terraform.apply();
      const run = "run -d --name foreign --init --memory 32m --label tier=a --network away";
      await on.docker.docker("network", "create", "--label", "tier=a", "away");
      await on.docker.docker("volume", "create", "store");
      await on.docker.docker(...run.split(" "), "-v", "store:/data", "fairlead/made:1");
      const imports = ["container.foreign", "network.away", "volume.store"].map((one) => {
        const [kind, name] = one.split(".");
        return `import {\n  to = fairlead_${kind}.${name}\n  id = "here/${name}"\n}\n`;
      });
      terraform.write(base() + imports.join(""));
      const planned = await terraform.plan("-generate-config-out=generated.tf");
      expect(planned.text).toContain("3 to import, 0 to add, 0 to change, 0 to destroy");
      const id = (await on.docker.docker("ps", "-q", "--no-trunc")).trim();
      await terraform.apply();
      await nothingToDo(terraform);
      expect((await on.docker.docker("ps", "-q", "--no-trunc")).trim()).toBe(id);
      const written = readFileSync(join(terraform.folder, "generated.tf"), "utf8");
      expect(written).toMatch(/memory\s+= "32m"/);
      const absent = await terraform.run("import", "fairlead_volume.other", "here/nothing");
      expect(absent.code).toBe(1);
      // A generated configuration does not say what depends on what.
      await terraform.run("destroy", "-auto-approve", "-target=fairlead_container.foreign");
      expect((await terraform.run("destroy", "-auto-approve")).text).toContain("4 destroyed");
    }),
  );

  test("is refused at plan what the engine of its host cannot do", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const wrong = container("one", 'logging = { driver = "no-such" }');
      const network = `resource "fairlead_network" "far" {
  host        = fairlead_host.here.id
  ipam_driver = "no-such"
}
`;
      terraform.write(base() + wrong + network);
      const { code, text } = await terraform.plan();
      expect(code).toBe(1);
      expect(text).toMatch(
        /logging\.driver: the host has no log driver no-such; it has .*json-file/,
      );
      expect(text).toMatch(/with fairlead_container\.one,[\s\S]*logging = \{/);
      expect(text).toMatch(/with fairlead_network\.far,[\s\S]*ipam_driver = "no-such"/);
    }),
  );

  test("shows what is on a host by data sources, made here or not", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const say = 'command = ["sh", "-c", "echo one; echo two >&2; sleep 600"]';
      const made = `${base()}
resource "fairlead_network" "n" {
  host   = fairlead_host.here.id
  name   = "front"
  labels = { tier = "a" }
}
resource "fairlead_volume" "v" {
  host = fairlead_host.here.id
  name = "data"
}
${container("one", `${say}\n  labels = { tier = "a" }`)}`;
      terraform.write(made);
      await terraform.apply();
      await on.docker.docker("run", "-d", "--name", "other", "fairlead/made:1");
      terraform.write(`${made}
data "fairlead_host" "h" { host = fairlead_host.here.id }
data "fairlead_container" "c" {
  host = fairlead_host.here.id
  name = "app"
}
data "fairlead_containers" "all" { host = fairlead_host.here.id }
data "fairlead_containers" "some" {
  host   = "unix://${on.docker.socket}"
  labels = { tier = "a" }
}
data "fairlead_image" "i" {
  host = fairlead_host.here.id
  name = "fairlead/made:1"
}
data "fairlead_network" "n" {
  host = fairlead_host.here.id
  name = "front"
}
data "fairlead_volume" "v" {
  host = fairlead_host.here.id
  name = "data"
}
data "fairlead_container_logs" "l" {
  host = fairlead_host.here.id
  name = "app"
  tail = 5
}
output "seen" {
  value = {
    engine = data.fairlead_host.h.engine_version
    cpus   = data.fairlead_host.h.cpus
    status = data.fairlead_container.c.status
    tier   = data.fairlead_container.c.labels.tier
    all    = data.fairlead_containers.all.containers[*].name
    some   = data.fairlead_containers.some.containers[*].name
    image  = data.fairlead_image.i.ref == fairlead_image.app.ref
    labels = data.fairlead_network.n.labels
    data   = data.fairlead_volume.v.mountpoint
    lines  = sort(data.fairlead_container_logs.l.lines)
  }
}
`);
      await terraform.apply();
      const seen = JSON.parse((await terraform.run("output", "-json", "seen")).text);
      expect(seen).toMatchObject({
        ...{ engine: expect.stringMatching(/^\d+\./), cpus: expect.any(Number) },
        ...{ status: "running", tier: "a", all: ["app", "other"], some: ["app"], image: true },
        ...{ labels: { tier: "a" }, data: expect.stringMatching(/volumes\/data\/_data$/) },
        lines: ["one", "two"],
      });
      await on.docker.docker("rm", "-f", "other");
      terraform.write(`${made}
data "fairlead_container" "c" {
  host = fairlead_host.here.id
  name = "other"
}
`);
      expect((await terraform.plan()).text).toMatch(/there is no container other on here/);
      terraform.write(made);
    }),
  );
});
