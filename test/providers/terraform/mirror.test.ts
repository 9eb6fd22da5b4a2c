// As a user has it: installed into a mirror, started by terraform itself, and what goes wrong
// there.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../../../providers/terraform/setup/doctor.ts";
import { install } from "../../../providers/terraform/setup/install.ts";
import { builtProvider, LAUNCHER, thisPlatform } from "../../../providers/terraform/setup/place.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { ADDRESS, Workspace, whyNoTerraform } from "./workspace.ts";

const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`the mirror is not tried: ${reason}`);

describe.skipIf(reason !== undefined)("the installed provider", () => {
  const docker = new DockerEngine();
  const mirror = mkdtempSync(join(tmpdir(), "fairlead-mirror-"));
  const rc = join(mirror, "terraform.rc");
  const version = "0.1.0";
  beforeAll(async () => {
    install(version, { mirror, writeRc: rc, allPlatforms: true });
    await docker.start();
  });
  afterAll(async () => {
    await docker.stop();
    rmSync(mirror, { recursive: true, force: true });
  });
  const folder = () => join(mirror, ADDRESS, version, thisPlatform());

  test("goes through init, plan, apply, no change, import and destroy", async () => {
    const terraform = new Workspace({ TF_CLI_CONFIG_FILE: rc });
    const address = `unix://${docker.socket}`;
    const container = `
resource "fairlead_container" "one" {
  host  = fairlead_host.h.id
  name  = "one"
  image = fairlead_image.i.ref
  init  = true
  env_wo         = { SECRET = "hush-hush" }
  env_wo_version = "1"
}
`;
    const base = `
resource "fairlead_host" "h" {
  name    = "h"
  connect = { host = "local", engine = "docker", socket = "${docker.socket}" }
}
resource "fairlead_image" "i" {
  host   = fairlead_host.h.id
  name   = "fairlead/mirror:1"
  rootfs = "${docker.rootfs}"
  config = { command = ["sleep", "600"] }
}
output "seconds" { value = provider::fairlead::duration_seconds("1m30s") }
output "image" { value = provider::fairlead::parse_reference("nginx").full }
`;
    try {
      terraform.write(base);
      expect(await terraform.run("init")).toMatchObject({ code: 0 });
      await terraform.apply();
      // The container comes in a later run: its host is not asked in the process that makes it.
      terraform.write(base + container);
      const applied = await terraform.apply();
      expect(applied).toContain("1 added");
      expect(applied).toMatch(/image = "docker.io\/library\/nginx:latest"\s+seconds = 90/);
      expect(applied).not.toContain("hush");
      expect((await terraform.plan()).text).toContain("No changes");
      expect(readFileSync(join(terraform.folder, "terraform.tfstate"), "utf8")).not.toContain(
        "hush",
      );
      const env = await docker.docker("inspect", "one", "-f", "{{.Config.Env}}");
      expect(env).toContain("SECRET=hush-hush");

      await terraform.run("state", "rm", "fairlead_container.one");
      terraform.write(`${base}
import {
  to = fairlead_container.two
  id = "${address}/one"
}
`);
      const generated = await terraform.plan("-generate-config-out=generated.tf");
      expect(generated.text).toContain("1 to import, 0 to add, 0 to change, 0 to destroy");
      await terraform.apply();
      expect((await terraform.plan()).code).toBe(0);
      expect((await terraform.run("destroy", "-auto-approve")).text).toContain("3 destroyed");
      expect(await docker.docker("ps", "-aq")).toBe("");
    } finally {
      await terraform.close();
    }
  });

  test("is refused over other bytes of the same version", () => {
    const other = mkdtempSync(join(tmpdir(), "fairlead-mirror-"));
    try {
      const there = join(other, ADDRESS, version, thisPlatform());
      mkdirSync(there, { recursive: true });
      writeFileSync(join(there, LAUNCHER), "#!/bin/sh\n");
      expect(() => install(version, { mirror: other })).toThrow(/other bytes of version/);
      install(version, { mirror: other, force: true });
      expect(() => install(version, { mirror: other })).not.toThrow();
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test("starts below a project that is a module, and answers over mutual TLS", async () => {
    const project = mkdtempSync(join(tmpdir(), "fairlead-module-"));
    try {
      writeFileSync(join(project, "package.json"), '{"type":"module"}');
      cpSync(builtProvider(), join(project, "plugin"), { recursive: true });
      const { resources } = await start(join(project, "plugin"));
      expect(resources).toBe(6);
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });

  test("says that there is no node, and that it is no program for people", async () => {
    const none = { PATH: "/nonexistent:/usr/bin:/bin", FAIRLEAD_NODE: "no-such-node" };
    await expect(start(folder(), none)).rejects.toThrow(/needs Node 20.19 or newer/);
    const bare = () =>
      execFileSync(join(folder(), LAUNCHER), { encoding: "utf8", stdio: "pipe", env: process.env });
    expect(bare).toThrow(/Terraform starts it by itself/);
  });

  test("an unreachable host is an error, never a removal", async () => {
    const terraform = new Workspace({ TF_CLI_CONFIG_FILE: rc });
    try {
      terraform.write(`
resource "fairlead_volume" "v" {
  host = "unix://${docker.socket}"
  name = "kept"
}
`);
      await terraform.run("init");
      await terraform.apply();
      const state = readFileSync(join(terraform.folder, "terraform.tfstate"), "utf8");
      writeFileSync(
        join(terraform.folder, "terraform.tfstate"),
        state.replaceAll(docker.socket, "/nonexistent/docker.sock"),
      );
      const { code, text } = await terraform.plan();
      expect([code, text]).toEqual([1, expect.stringMatching(/nonexistent/)]);
      expect(text).not.toMatch(/will be (created|destroyed)/);
      writeFileSync(join(terraform.folder, "terraform.tfstate"), state);
      expect((await terraform.run("destroy", "-auto-approve")).text).toContain("1 destroyed");
    } finally {
      await terraform.close();
    }
  });
});
