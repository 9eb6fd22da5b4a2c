// The carrier that needs no provider of ours, by the real terraform: terraform_data, which is built
// in, and null_resource, for whose provider a stand-in of the tests is in the mirror.
import { execSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build as bundle } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { thisPlatform } from "../../../providers/terraform/setup/place.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { type Build, type Flavor, ofExample, synthesized, unbuilt } from "./synth.ts";
import { TERRAFORM, Workspace, whyNoTerraform } from "./workspace.ts";

const reason =
  unbuilt ??
  whyNoTerraform() ??
  whyNoDockerd() ??
  (existsSync("dist/fairlead.js") ? undefined : "the command is not built");
if (reason) console.log(`the carrier is not applied: ${reason}`);

const SLOW = { timeout: 180_000 };
const COMMAND = `${process.execPath} ${resolve("dist/fairlead.js")}`;
const IMAGE = "fairlead/carried:1";

describe.skipIf(reason !== undefined)("a carrier", () => {
  const docker = new DockerEngine();
  const mirror = mkdtempSync(join(tmpdir(), "fairlead-mirror-"));
  const rc = join(mirror, "terraform.rc");
  beforeAll(async () => {
    const folder = join(mirror, "registry.terraform.io/hashicorp/null/3.2.4", thisPlatform());
    mkdirSync(folder, { recursive: true });
    const outfile = join(folder, "terraform-provider-null_v3.2.4");
    const entryPoints = ["test/providers/terraform/null-stand-in.ts"];
    const banner = { js: "#!/usr/bin/env node" };
    await bundle({ bundle: true, platform: "node", format: "cjs", banner, entryPoints, outfile });
    chmodSync(outfile, 0o755);
    writeFileSync(rc, `provider_installation {\n  filesystem_mirror {\n path = "${mirror}"\n }\n}`);
    await docker.start();
    const tar = `tar -C ${docker.rootfs} -c . | docker -H unix://${docker.socket} import`;
    execSync(`${tar} -c 'CMD ["sleep","600"]' - ${IMAGE}`, { stdio: "ignore" });
  });
  afterAll(async () => {
    await docker.stop();
    rmSync(mirror, { recursive: true, force: true });
  });

  interface Carried {
    text: string;
    services?: string[];
    hostKey?: string;
  }
  const carried =
    (runner: string, { text, services = ["web"], hostKey }: Carried): Build =>
    ({ fairlead }, stack) => {
      const host = new fairlead.NullHost(stack, "h", {
        ...{ address: "local", engine: "docker", socket: docker.socket, hostKey },
      });
      const service = {
        ...{ image: IMAGE, init: true, environment: { TEXT: text }, stop_grace_period: "1s" },
        "x-fairlead": { host: "h", settle: "10ms" },
      };
      new fairlead.NullStack(stack, "shop", {
        ...{ hosts: { h: host }, runner, command: COMMAND },
        compose: { services: Object.fromEntries(services.map((name) => [name, service])) },
      });
    };
  const names = async () => (await docker.docker("ps", "--format", "{{.Names}}")).trim();
  const inspect = (format: string) => docker.docker("inspect", "shop-web-1", "-f", format);

  // The null provider here is one of Terraform's registry; OpenTofu would look in its own.
  const registry: [string, Flavor][] = [
    ["null_resource", "cdktf"],
    ["null_resource", "cdktn"],
  ];
  const runs: [string, Flavor][] = [
    ["terraform_data", "cdktf"],
    ...(TERRAFORM === "terraform" ? registry : []),
  ];
  test.each(runs)("of %s in %s makes, changes and takes away", SLOW, async (runner, flavor) => {
    const terraform = new Workspace({ TF_CLI_CONFIG_FILE: rc });
    const write = (what: Carried) => {
      const json = synthesized(flavor, carried(runner, what));
      writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
    };
    try {
      write({ text: "one", services: ["web", "side"] });
      expect(await terraform.run("init")).toMatchObject({ code: 0 });
      await terraform.apply();
      expect(await inspect("{{.Config.Env}}")).toContain("TEXT=one");
      expect((await terraform.plan()).code).toBe(0);

      write({ text: "two" });
      await terraform.apply();
      expect(await names()).toBe("shop-web-1");
      expect(await inspect("{{.Config.Env}}")).toContain("TEXT=two");

      // Only the way to the host changes: what runs is taken down by a null_resource alone.
      const id = await inspect("{{.Id}}");
      write({ text: "two", hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
      await terraform.apply();
      expect((await inspect("{{.Id}}")) === id).toBe(runner === "terraform_data");
    } finally {
      const { text } = await terraform.run("destroy", "-auto-approve");
      expect(text).toContain("Destroy complete");
      await terraform.close();
    }
    expect(await docker.docker("ps", "-aq")).toBe("");
  });

  test("of the example comes up as it is written", async () => {
    const env = { COMMAND, IMAGE, ENGINE: "docker", SOCKET: docker.socket };
    const json = await ofExample("cdktf-null-carrier", env);
    const terraform = new Workspace();
    writeFileSync(join(terraform.folder, "cdk.tf.json"), JSON.stringify(json));
    try {
      await terraform.run("init");
      await terraform.apply();
      expect(await names()).toBe("shop-app-1");
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
    }
    expect(await docker.docker("ps", "-aq")).toBe("");
  });

  test("refuses a private key where only its path may be", () => {
    const build: Build = ({ fairlead }, stack) => {
      const privateKeyPath = "-----BEGIN OPENSSH PRIVATE KEY-----";
      new fairlead.NullHost(stack, "h", { address: "ssh://a", privateKeyPath });
    };
    expect(() => synthesized("cdktf", build)).toThrow(/give the path of the private key/);
  });
});
