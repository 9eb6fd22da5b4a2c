// A Compose file as one resource of the real terraform: what its plan shows, edits in place and
// anew, drift, write-only variables, import, another name, and what is in the way.
import { execSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`compose stacks are not tried: ${reason}`);

const SLOW = { timeout: 180_000 };
const IMAGE = "fairlead/stack:1";

describe.skipIf(reason !== undefined)("a Compose file in terraform", () => {
  const docker = new DockerEngine();
  const provider = new Reattached();
  beforeAll(async () => {
    await Promise.all([docker.start(), provider.start()]);
    const tar = `tar -C ${docker.rootfs} -c . | docker -H unix://${docker.socket} import`;
    execSync(`${tar} -c 'CMD ["sleep","600"]' - ${IMAGE}`, { stdio: "ignore" });
  });
  afterAll(async () => {
    provider.stop();
    await docker.stop();
  });

  const names = async () => (await docker.docker("ps", "--format", "{{.Names}}")).split("\n");
  const inspect = async (name: string) => JSON.parse(await docker.docker("inspect", name))[0];
  const state = (terraform: Workspace) => terraform.state("fairlead_compose_stack.shop");
  const stateText = (terraform: Workspace) =>
    readFileSync(join(terraform.folder, "terraform.tfstate"), "utf8");
  const nothingToDo = async (terraform: Workspace) => {
    const { code, text } = await terraform.plan();
    expect(code === 0 ? "" : text).toBe("");
  };

  async function inWorkspace(work: (workspace: Workspace) => Promise<void>): Promise<void> {
    const workspace = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
    try {
      await work(workspace);
    } finally {
      await workspace.run("destroy", "-auto-approve");
      await workspace.close();
    }
  }

  const stack = (more: string, host = "host = fairlead_host.here.id") => `
resource "fairlead_host" "here" {
  name    = "here"
  connect = { host = "local", engine = "docker", socket = "${docker.socket}" }
}
resource "fairlead_compose_stack" "shop" {
  ${host}
  ${more}
}
`;
  const service = (more: object = {}) => ({
    ...{ image: IMAGE, init: true, stop_grace_period: "1s", "x-fairlead": { settle: "10ms" } },
    ...more,
  });

  test("comes up, is edited field by field, drifts and is repaired, goes", SLOW, () =>
    inWorkspace(async (terraform) => {
      const file = join(terraform.folder, "compose.yaml");
      const write = (services: object, more: object = {}) =>
        writeFileSync(file, JSON.stringify({ name: "shop", services, ...more }));
      const volumes = { data: {} };
      const app = { volumes: ["data:/data"], environment: { MODE: "$MODE" }, mem_limit: "32m" };
      write({ app: service(app), worker: service() }, { volumes });
      terraform.write(stack(`files = ["${file}"]\n environment = { MODE = "a" }`));
      const first = await terraform.run("plan", "-out=first");
      expect(first.text).toMatch(/"container\/app"\s+= \{[^}]*"env.MODE"\s+= "secret:/);
      await terraform.apply("first");
      await nothingToDo(terraform);
      expect((await names()).sort()).toEqual(["", "shop-app-1", "shop-worker-1"]);
      const before = await inspect("shop-app-1");
      expect(await state(terraform)).toMatchObject({
        ...{ id: "here/shop", name: "shop" },
        containers: { app: { container_id: before.Id, status: "running" } },
      });

      // In place: a limit. Its plan says which field of which object, and nothing else.
      write({ app: service({ ...app, mem_limit: "48m" }), worker: service() }, { volumes });
      const edit = await terraform.plan();
      expect(edit.text).toMatch(/~ "memory" += "33554432" -> "50331648"/);
      expect(edit.text).toContain("0 to add, 1 to change, 0 to destroy");
      await terraform.apply();
      const limited = await inspect("shop-app-1");
      expect([limited.Id, limited.HostConfig.Memory]).toEqual([before.Id, 48 << 20]);
      await nothingToDo(terraform);

      // A variable makes one container anew; a service that is left out goes.
      write({ app: service({ ...app, mem_limit: "48m" }) }, { volumes });
      terraform.write(stack(`files = ["${file}"]\n environment = { MODE = "b" }`));
      expect((await terraform.plan()).text).toMatch(/- "container\/worker"/);
      await terraform.apply();
      expect(await names()).toEqual(["shop-app-1", ""]);
      expect((await inspect("shop-app-1")).Config.Env).toContain("MODE=b");
      await nothingToDo(terraform);

      await docker.docker("update", "--memory", "64m", "--memory-swap", "128m", "shop-app-1");
      expect((await terraform.plan()).text).toMatch(/~ "memory" += "67108864" -> "50331648"/);
      await terraform.apply();
      expect((await inspect("shop-app-1")).HostConfig.Memory).toBe(48 << 20);
      await docker.docker("stop", "-t", "0", "shop-app-1");
      expect((await terraform.plan()).code).toBe(2);
      await terraform.apply();
      expect((await inspect("shop-app-1")).State.Running).toBe(true);
      await docker.docker("rm", "-f", "shop-app-1");
      expect((await terraform.plan()).text).toMatch(/\+ "container\/app"/);
      await terraform.apply();
      await nothingToDo(terraform);

      // Another name is another project: the old one goes, its data stays.
      write({ app: service(app) }, { name: "store", volumes });
      expect((await terraform.plan()).text).toMatch(/"shop" -> "store" # forces replacement/);
      await terraform.apply();
      expect(await names()).toEqual(["store-app-1", ""]);
      expect((await docker.docker("volume", "ls", "-q")).split("\n").sort()).toEqual([
        ...["", "shop_data", "store_data"],
      ]);
      await nothingToDo(terraform);
      terraform.write(
        stack(`files = ["${file}"]\n environment = { MODE = "b" }\n remove_volumes = true`),
      );
      await terraform.apply();
      expect((await terraform.run("destroy", "-auto-approve")).text).toContain("2 destroyed");
      expect(await docker.docker("ps", "-aq")).toBe("");
      expect(await docker.docker("volume", "ls", "-q")).toBe("shop_data\n");
      await docker.docker("volume", "rm", "shop_data");
    }),
  );

  test("takes write-only variables, which get into no state, plan or label", SLOW, () =>
    inWorkspace(async (terraform) => {
      const content = (more: object = {}) =>
        `content = ${JSON.stringify(
          JSON.stringify({
            name: "shop",
            services: {
              app: service({ environment: { TOKEN: "t:$${TOKEN}", MODE: "$${MODE}", ...more } }),
            },
          }),
        )}`;
      const config = (token: string, more = {}) =>
        stack(
          `${content(more)}
  environment            = { MODE = "a" }
  environment_wo         = { TOKEN = "${token}" }
  environment_wo_version = "1"`,
          `hosts = { web = fairlead_host.here.id }`,
        );
      terraform.write(config("hush-hush"));
      const out = await terraform.apply();
      expect(out).toContain("2 added");
      expect(out).not.toContain("hush");
      await nothingToDo(terraform);
      expect(stateText(terraform)).not.toContain("hush");
      const { Config } = await inspect("shop-app-1");
      expect(Config.Env).toContain("TOKEN=t:hush-hush");
      expect(JSON.stringify(Config.Labels)).not.toContain("hush");
      expect(await state(terraform)).toMatchObject({
        ...{ id: "here/shop", environment_wo: null },
        objects: {
          "web/container/app": {
            "env.TOKEN": "(write-only)",
            "env.MODE": expect.stringMatching(/^secret:/),
          },
        },
      });
      // What it was made with is compared all the same: on the host, by its hash.
      terraform.write(config("quiet-now"));
      expect((await terraform.plan()).code).toBe(2);
      await terraform.apply();
      expect((await inspect("shop-app-1")).Config.Env).toContain("TOKEN=t:quiet-now");
      await nothingToDo(terraform);

      await terraform.run("state", "rm", "fairlead_compose_stack.shop");
      expect((await terraform.run("apply", "-auto-approve")).code).toBe(0);
      terraform.write(config("quiet-now", { MORE: "1" }));
      await terraform.run("state", "rm", "fairlead_compose_stack.shop");
      const refused = await terraform.run("apply", "-auto-approve");
      expect(refused.text).toMatch(/the project shop exists: container shop-app-1 on web/);

      const id = (await inspect("shop-app-1")).Id;
      terraform.write(config("quiet-now"));
      const imported = await terraform.run(
        ...["import", "fairlead_compose_stack.shop", "here/shop"],
      );
      expect(imported).toMatchObject({ code: 0 });
      await terraform.apply();
      await nothingToDo(terraform);
      expect((await inspect("shop-app-1")).Id).toBe(id);
    }),
  );

  test("comes up from the example as it is written", SLOW, async () => {
    execSync("sh examples/hello/make-rootfs.sh");
    const terraform = new Workspace({
      ...{ TF_REATTACH_PROVIDERS: provider.variable, TF_VAR_address: `unix://${docker.socket}` },
      TF_VAR_file: resolve("examples/hello/compose.yaml"),
    });
    copyFileSync("examples/terraform-compose/main.tf", join(terraform.folder, "main.tf"));
    try {
      expect(await terraform.apply()).toMatch(/web = "running"/);
      await nothingToDo(terraform);
    } finally {
      const { text } = await terraform.run("destroy", "-auto-approve");
      expect(text).toContain("1 destroyed");
      await terraform.close();
    }
    expect(await docker.docker("ps", "-aq")).toBe("");
  });

  test("names what is wrong in the file, line by line, before anything is made", SLOW, () =>
    inWorkspace(async (terraform) => {
      const file = join(terraform.folder, "compose.yaml");
      writeFileSync(file, 'services:\n  app:\n    imag: x\n    ports: ["a:b"]\n');
      terraform.write(stack(`files = ["${file}"]`));
      const { code, text } = await terraform.run("validate");
      expect(code).toBe(1);
      expect(text).toMatch(/compose.yaml:3:5: services.app.imag/);
      expect(text).toMatch(/compose.yaml:4:\d+: services.app.ports/);
      terraform.write(stack('content = "{}"\n files = ["x"]', ""));
      const both = await terraform.run("validate");
      expect(both.text).toMatch(/give either files or content/);
      expect(both.text).toMatch(/give either host or hosts/);
      terraform.write(stack(`content = "services: {a: {image: ${IMAGE}}}"\n name = "terraform"`));
      expect((await terraform.plan()).text).toMatch(/is the provider's own project/);
    }),
  );

  test(
    "a host that is not known yet and one container that ends at once are no surprise",
    SLOW,
    () =>
      inWorkspace(async (terraform) => {
        const failing = JSON.stringify({
          services: { app: service({ command: ["false"], "x-fairlead": { settle: "500ms" } }) },
        });
        terraform.write(`
resource "terraform_data" "socket" { input = "unix://${docker.socket}" }
resource "fairlead_compose_stack" "shop" {
  name    = "shop"
  host    = terraform_data.socket.output
  content = ${JSON.stringify(failing)}
}
`);
        const failed = await terraform.run("apply", "-auto-approve");
        expect(failed.code).toBe(1);
        expect(failed.text).toMatch(/exit code 1/);
        expect(stateText(terraform)).toMatch(/"status": "tainted"/);
        terraform.write(`
resource "terraform_data" "socket" { input = "unix://${docker.socket}" }
resource "fairlead_compose_stack" "shop" {
  name    = "shop"
  host    = terraform_data.socket.output
  content = ${JSON.stringify(JSON.stringify({ services: { app: service() } }))}
}
`);
        await terraform.apply();
        await nothingToDo(terraform);
      }),
  );
});
