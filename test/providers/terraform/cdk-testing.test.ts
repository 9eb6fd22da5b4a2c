// The constructs under the Testing helpers of cdktf and cdktn, with which programs test their own
// stacks: synthesized, validated and planned by the real terraform.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install } from "../../../providers/terraform/setup/install.ts";
import { TERRAFORM, whyNoTerraform } from "./workspace.ts";

/** A variable of Compose, and a host as Terraform refers to it. */
const VARIABLE = ["$", "{TAG}"].join("");
const WEB = ["$", "{fairlead_host.web.id}"].join("");

const require = createRequire(import.meta.url);
const unbuilt = ["cdktf", "cdktn"].some((one) => !existsSync(`dist/${one}/index.js`));
if (unbuilt) console.log("Testing helpers are not tried: the constructs are not built");
const reason = unbuilt ? "unbuilt" : whyNoTerraform();
if (reason) console.log(`Testing helpers run no terraform: ${reason}`);

describe.skipIf(unbuilt).each(["cdktf", "cdktn"])("Testing of %s", (flavor) => {
  process.env.TERRAFORM_BINARY_NAME = TERRAFORM;
  const { toPlanSuccessfully } = require(`${flavor}/lib/testing/matchers.js`);
  const { Testing, TerraformStack, TerraformOutput, DataResource } = require(flavor);
  const fairlead = require(resolve(`dist/${flavor}/index.js`));
  const work = mkdtempSync(join(tmpdir(), "fairlead-testing-"));
  const rc = join(work, "terraform.rc");
  const before = { ...process.env };
  beforeAll(() => {
    install("0.1.0", { mirror: join(work, "mirror"), writeRc: rc });
    Object.assign(process.env, { TF_CLI_CONFIG_FILE: rc, CHECKPOINT_DISABLE: "1" });
  });
  afterAll(() => {
    process.env = before;
    rmSync(work, { recursive: true, force: true });
  });

  // biome-ignore lint/suspicious/noExplicitAny: two builds of one library, chosen at run time.
  function build(scope: any): void {
    new fairlead.FairleadProvider(scope, "fairlead", { project: "tested" });
    const machine = new DataResource(scope, "machine", { input: "203.0.113.10" });
    const connection = { host: machine.output, user: "root", privateKey: "key" };
    const host = new fairlead.Host(scope, "web", { name: "web", connection });
    new fairlead.Container(scope, "app", {
      ...{ host: host.id, name: "app", image: "nginx:1.27", restart: "always" },
      ports: [{ published: 80, target: 8080 }],
      lifecycle: { preventDestroy: true },
    });
    const shop = new fairlead.ComposeStack(scope, "shop", {
      host,
      environment: { TAG: "1" },
      compose: { services: { app: { image: `x:${VARIABLE}`, environment: { HOST: host.id } } } },
    });
    new fairlead.ComposeStack(scope, "text", {
      hosts: { web: host, db: "ssh://root@203.0.113.11" },
      environment: { TAG: "1" },
      content: `services: {a: {image: "x:${VARIABLE}", x-fairlead: {host: db}}}`,
    });
    new TerraformOutput(scope, "id", { value: shop.container("app").containerId });
    new fairlead.DataContainer(scope, "seen", { host: host.id, name: "other" });
    fairlead.Container.generateConfigForImport(scope, "old", "web/old");
  }

  test("sees resources, data sources and the provider with their properties", () => {
    const synth = Testing.synthScope(build);
    const has = (type: string, properties: object) =>
      Testing.toHaveResourceWithProperties(synth, type, properties);
    expect(has(fairlead.Container.tfResourceType, { restart: "always" })).toBe(true);
    expect(has(fairlead.Container.tfResourceType, { restart: "no" })).toBe(false);
    expect(has("fairlead_container", { ports: [{ published: 80, target: 8080 }] })).toBe(true);
    expect(has("fairlead_host", { connect: { user: "root" } })).toBe(true);
    expect(Testing.toHaveDataSource(synth, fairlead.DataContainer.tfResourceType)).toBe(true);
    const provider = { project: "tested" };
    expect(Testing.toHaveProviderWithProperties(synth, "fairlead", provider)).toBe(true);
    const json = JSON.parse(synth);
    const { resource } = json;
    expect(json.import).toEqual([{ id: "web/old", to: "fairlead_container.old" }]);
    const [shop, text] = ["shop_stack", "text_stack"].map((id) => {
      const found = Object.entries(resource.fairlead_compose_stack as Record<string, object>);
      return found.find(([name]) => name.startsWith(id))![1];
    });
    // Terraform resolves the host in it, and Compose the variable.
    expect(shop).toMatchObject({
      ...{ name: "shop", host: WEB, environment: { TAG: "1" } },
      content: expect.stringMatching(/jsonencode.*x:\$\${TAG}.*HOST\\?" = fairlead_host.web.id/),
      directory: process.cwd(),
    });
    expect(text).toMatchObject({
      hosts: { web: WEB, db: "ssh://root@203.0.113.11" },
      content: expect.stringContaining(`x:$${VARIABLE}`),
    });
  });

  test.skipIf(reason !== undefined)("lets terraform validate and plan a stack", () => {
    const app = Testing.app();
    const stack = new TerraformStack(app, "tested");
    build(stack);
    // What is imported or read must be there, so these are left out here.
    for (const name of ["old", "seen"]) stack.node.tryRemoveChild(name);
    expect(Testing.toBeValidTerraform(Testing.fullSynth(stack))).toBe(true);
    expect(toPlanSuccessfully(Testing.fullSynth(stack))).toMatchObject({ pass: true });
    const bad = new TerraformStack(app, "bad");
    new fairlead.FairleadProvider(bad, "fairlead");
    new fairlead.Container(bad, "app", { host: "local", image: "x", restart: "sometimes" });
    expect(Testing.toBeValidTerraform(Testing.fullSynth(bad))).toBe(false);
  });

  test("tells what a construct lacks when it is made", () => {
    const shop = (config: object) => () =>
      Testing.synthScope((scope: never) => new fairlead.ComposeStack(scope, "s", config));
    expect(shop({ host: "local" })).toThrow(/give one of files, content and compose/);
    expect(shop({ content: "" })).toThrow(/give either host or hosts/);
    const file = join(work, "compose.yaml");
    writeFileSync(file, "services: {}");
    const { resource } = JSON.parse(shop({ host: "local", files: [file] })());
    expect(JSON.stringify(resource)).toContain(JSON.stringify([file]));
    expect(readFileSync(file, "utf8")).toBe("services: {}");
  });
});
