// The constructs for cdktf and cdktn: held against their generator, synthesized, and run by the
// real terraform; and the carrier that needs no provider of ours.
import { execFileSync, execSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build as bundle } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../../providers/terraform/cdk/generate.ts";
import { docs } from "../../../providers/terraform/schema/docs.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const require = createRequire(import.meta.url);
type Flavor = "cdktf" | "cdktn";
const FLAVORS: Flavor[] = ["cdktf", "cdktn"];
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

const unbuilt = FLAVORS.some((one) => !existsSync(`dist/${one}/index.js`))
  ? "the constructs are not built"
  : undefined;
if (unbuilt) console.log(`constructs are not tried: ${unbuilt}`);

// biome-ignore lint/suspicious/noExplicitAny: two builds of one library, chosen at run time.
function load(flavor: Flavor): { cdk: any; fairlead: any } {
  return { cdk: require(flavor), fairlead: require(resolve(`dist/${flavor}/index.js`)) };
}

type Build = (parts: ReturnType<typeof load>, stack: never) => void;

/** The synthesized configuration of a stack called `demo`. */
function synthesized(flavor: Flavor, build: Build): Record<string, Record<string, never>> {
  const outdir = mkdtempSync(join(tmpdir(), "fairlead-cdk-"));
  try {
    const parts = load(flavor);
    const app = new parts.cdk.App({ outdir, analyticsReporting: false });
    build(parts, new parts.cdk.TerraformStack(app, "demo") as never);
    app.synth();
    const json = JSON.parse(readFileSync(join(outdir, "stacks/demo/cdk.tf.json"), "utf8"));
    // The state would lie beside this project, not with the test.
    delete json.terraform.backend;
    return json;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

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

  test("refuse a private key where only its path may be", () => {
    const build: Build = ({ fairlead }, stack) => {
      const privateKeyPath = "-----BEGIN OPENSSH PRIVATE KEY-----";
      new fairlead.NullHost(stack, "h", { address: "ssh://a", privateKeyPath });
    };
    expect(() => synthesized("cdktf", build)).toThrow(/give the path of the private key/);
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

    const example = async (name: string, env: Record<string, string>) => {
      const terraform = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
      const script = `dist/example-${name}.cjs`;
      const external = ["cdktf", "constructs", "fairlead"];
      const entry = `examples/${name}/main.ts`;
      const settings = { bundle: true, platform: "node", format: "cjs", external } as const;
      await bundle({ ...settings, entryPoints: [entry], outfile: script });
      const more = { ...env, OUTDIR: terraform.folder, ENGINE: "docker", SOCKET: docker.socket };
      execFileSync("node", [script], { env: { ...process.env, ...more } });
      rmSync(script);
      const path = join(terraform.folder, "stacks/shop/cdk.tf.json");
      const json = JSON.parse(readFileSync(path, "utf8"));
      delete json.terraform.backend;
      writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
      return terraform;
    };

    test("the example of a stack comes up as it is written", async () => {
      const terraform = await example("cdktf-stack", { ROOTFS: docker.rootfs });
      try {
        expect(await terraform.apply()).toContain("4 added");
        expect((await terraform.plan()).code).toBe(0);
      } finally {
        await terraform.run("destroy", "-auto-approve");
        await terraform.close();
      }
    });

    const command = existsSync("dist/fairlead.js");
    if (!command) console.log("the carrier is not applied: the command is not built");
    test.skipIf(!command)("a carrier runs the command, and takes away what it made", async () => {
      const terraform = new Workspace();
      const COMMAND = `${process.execPath} ${resolve("dist/fairlead.js")}`;
      const carried =
        (text: string): Build =>
        ({ fairlead }, stack) => {
          const host = new fairlead.NullHost(stack, "h", {
            ...{ address: "local", engine: "docker", socket: docker.socket },
          });
          new fairlead.NullStack(stack, "shop", {
            ...{ hosts: { h: host }, runner: "terraform_data" },
            command: COMMAND,
            compose: {
              services: {
                web: {
                  ...{ image: "fairlead/carried:1", init: true, environment: { TEXT: text } },
                  "x-fairlead": { host: "h" },
                },
              },
            },
          });
        };
      const write = (text: string) => {
        const json = synthesized("cdktf", carried(text));
        writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
      };
      const tar = `tar -C ${docker.rootfs} -c . | docker -H unix://${docker.socket} import`;
      execSync(`${tar} -c 'CMD ["sleep","600"]' - fairlead/carried:1`, { stdio: "ignore" });
      try {
        write("one");
        await terraform.run("init");
        await terraform.apply();
        const env = async () => docker.docker("inspect", "shop-web-1", "-f", "{{.Config.Env}}");
        expect(await env()).toContain("TEXT=one");
        expect((await terraform.plan()).code).toBe(0);
        write("two");
        await terraform.apply();
        expect(await env()).toContain("TEXT=two");
      } finally {
        const { text } = await terraform.run("destroy", "-auto-approve");
        expect(text).toContain("Destroy complete");
        await terraform.close();
      }
      expect(await docker.docker("ps", "-aq")).toBe("");

      const shown = await example("cdktf-null-carrier", { COMMAND, IMAGE: "fairlead/carried:1" });
      try {
        await shown.run("init");
        await shown.apply();
        expect(await docker.docker("ps", "--format", "{{.Names}}")).toBe("shop-app-1\n");
      } finally {
        await shown.run("destroy", "-auto-approve");
        await shown.close();
      }
      expect(await docker.docker("ps", "-aq")).toBe("");
    });
  });
});
