// The constructs for cdktf and cdktn: held against their generator, synthesized, and run by the
// real terraform.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../../providers/terraform/cdk/generate.ts";
import { docs } from "../../../providers/terraform/docs/pages.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { type Build, FLAVORS, ofExample, synthesized, unbuilt } from "./synth.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const words = (text: string) => (text.match(/\w+/g) ?? []).sort();

test("the classes are those that the attributes give", () => {
  const folder = "providers/terraform/cdk/bindings";
  const files = generate();
  expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  // The formatter breaks lines and sorts imports; every word is as generated.
  for (const [name, text] of Object.entries(files)) {
    if (name === "index.ts") continue;
    const file = readFileSync(join(folder, name), "utf8");
    expect(words(file), name).toEqual(words(text));
  }
});

test("the pages of the docs are those that the attributes give", () => {
  for (const [path, text] of Object.entries(docs())) {
    expect(readFileSync(join("docs/terraform", path), "utf8"), path).toBe(text);
  }
});

if (unbuilt) console.log(`constructs are not tried: ${unbuilt}`);

describe.skipIf(unbuilt !== undefined)("constructs", () => {
  const provided =
    (socket: string, rootfs: string): Build =>
    ({ fairlead }, stack) => {
      new fairlead.FairleadProvider(stack, "fairlead", { project: "cdk" });
      const connection = { host: "local", engine: "docker", socket };
      const host = new fairlead.Host(stack, "web", { name: "web", connection });
      const image = new fairlead.Image(stack, "image", {
        ...{ host: host.id, name: "fairlead/cdk:1", rootfs },
        config: { command: ["sleep", "600"] },
      });
      const network = new fairlead.Network(stack, "front", { host: host.id, name: "front" });
      new fairlead.Container(stack, "app", {
        ...{ host: host.id, name: "app", image: image.ref, init: true, stopGracePeriod: "1s" },
        ports: [{ published: 18390, target: 8080, hostIp: "127.0.0.1" }],
        networks: { [network.name]: { aliases: ["www"] } },
        healthcheck: { test: ["CMD", "true"], interval: "1s" },
        lifecycle: { createBeforeDestroy: false },
      });
      new fairlead.Fleet(stack, "worker", {
        ...{ hosts: { web: host }, image: image.ref, init: true },
        overrides: { web: { memory: "32m" } },
      });
    };

  test("are the same for cdktf and cdktn", () => {
    const [one, other] = FLAVORS.map((flavor) => {
      const { "//": _, ...json } = synthesized(flavor, provided("/run/x.sock", "/srv/rootfs"));
      return json;
    });
    expect(other).toEqual(one);
    expect(one).toMatchObject({
      terraform: {
        required_providers: {
          fairlead: { source: "registry.fairlead.invalid/fairlead/fairlead" },
        },
      },
      resource: {
        fairlead_host: { web: { connect: { host: "local", engine: "docker" }, name: "web" } },
        fairlead_container: {
          app: { stop_grace_period: "1s", ports: [{ host_ip: "127.0.0.1", target: 8080 }] },
        },
      },
    });
  });

  const reason = whyNoTerraform() ?? whyNoDockerd();
  if (reason) console.log(`constructs are not applied: ${reason}`);
  describe.skipIf(reason !== undefined)("applied by terraform", () => {
    const docker = new DockerEngine();
    const provider = new Reattached();
    beforeAll(() => Promise.all([docker.start(), provider.start()]));
    afterAll(async () => {
      provider.stop();
      await docker.stop();
    });

    test.each(FLAVORS)("a stack of %s comes up, and nothing is left to do", async (flavor) => {
      const terraform = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
      const json = synthesized(flavor, provided(docker.socket, docker.rootfs));
      writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
      try {
        expect(await terraform.apply()).toContain("5 added");
        expect((await terraform.plan()).text).toContain("No changes");
        expect((await docker.docker("ps", "--format", "{{.Names}}")).split("\n").sort()).toEqual([
          ...["", "app", "worker"],
        ]);
      } finally {
        await terraform.run("destroy", "-auto-approve");
        await terraform.close();
      }
      expect(await docker.docker("ps", "-aq")).toBe("");
    });

    test("the example of a stack comes up as it is written", async () => {
      const terraform = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
      const env = { ENGINE: "docker", SOCKET: docker.socket, ROOTFS: docker.rootfs };
      const json = await ofExample("cdktf-stack", env);
      writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
      try {
        expect(await terraform.apply()).toContain("5 added");
        expect((await terraform.plan()).code).toBe(0);
        expect(await docker.docker("ps", "--format", "{{.Names}}")).toContain("side-job-1");
      } finally {
        await terraform.run("destroy", "-auto-approve");
        await terraform.close();
      }
      expect(await docker.docker("ps", "-aq")).toBe("");
    });
  });
});
