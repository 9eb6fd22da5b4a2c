// A host that becomes another machine in the middle of a configuration, and one that is gone;
// ids in place of names; what an import cannot carry. The real terraform, two real dockerds.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { Reattached, Workspace, whyNoTerraform } from "./workspace.ts";

const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`moves by terraform are not tried: ${reason}`);

const SLOW = { timeout: 180_000 };

describe.skipIf(reason !== undefined)("terraform and hosts that move", () => {
  const [one, two] = [new DockerEngine(), new DockerEngine()];
  const provider = new Reattached();
  beforeAll(() => Promise.all([one.start(), two.start(), provider.start()]));
  afterAll(async () => {
    provider.stop();
    await Promise.all([one.stop(), two.stop()]);
  });

  const host = (socket: string) => `
resource "fairlead_host" "here" {
  name    = "here"
  connect = { host = "local", engine = "docker", socket = ${socket} }
}
`;
  const app = (more = "") => `
resource "fairlead_image" "app" {
  host   = fairlead_host.here.id
  name   = "fairlead/moves:1"
  rootfs = "${one.rootfs}"
  config = { command = ["sleep", "600"] }
}
resource "fairlead_network" "front" {
  host = fairlead_host.here.id
  name = "front"
}
resource "fairlead_volume" "data" {
  host = fairlead_host.here.id
  name = "data"
}
resource "fairlead_container" "web" {
  host              = fairlead_host.here.id
  name              = "web"
  image             = fairlead_image.app.ref
  init              = true
  settle            = "10ms"
  stop_grace_period = "1s"
  networks          = { (fairlead_network.front.name) = {} }
  mounts            = [{ type = "volume", source = fairlead_volume.data.name, target = "/data" }]
  ${more}
}
`;
  const names = async (docker: DockerEngine) =>
    (await docker.docker("ps", "-a", "--format", "{{.Names}}")).split("\n").filter(Boolean);
  const clear = async (docker: DockerEngine) => {
    const left = (await docker.docker("ps", "-aq")).split("\n").filter(Boolean);
    if (left.length > 0) await docker.docker("rm", "-f", ...left);
    await docker.docker("network", "prune", "-f");
    await docker.docker("volume", "prune", "-f");
    for (const name of await volumes(docker)) await docker.docker("volume", "rm", name);
  };
  const volumes = async (docker: DockerEngine) =>
    (await docker.docker("volume", "ls", "-q")).split("\n").filter(Boolean);

  async function inWorkspace(work: (terraform: Workspace) => Promise<void>): Promise<void> {
    const terraform = new Workspace({ TF_REATTACH_PROVIDERS: provider.variable });
    try {
      await work(terraform);
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
      await Promise.all([clear(one), clear(two)]);
    }
  }

  test("everything on a host moves with it in one apply, its address known or not", SLOW, () =>
    inWorkspace(async (terraform) => {
      const machine = (socket: string) => `
resource "terraform_data" "machine" { input = "${socket}" }
${host("terraform_data.machine.output")}`;
      terraform.write(host(`"${one.socket}"`) + app());
      await terraform.apply();
      terraform.write(host(`"${two.socket}"`) + app());
      const planned = await terraform.plan();
      expect(planned.text).toMatch(/0 to destroy/);
      await terraform.apply();
      expect([await names(two), await volumes(two)]).toEqual([["web"], ["data"]]);
      expect((await terraform.plan()).code).toBe(0);

      // A new machine whose address shows only when it is made.
      await clear(one);
      terraform.write(machine(one.socket) + app());
      await terraform.apply();
      expect([await names(one), await volumes(one)]).toEqual([["web"], ["data"]]);
      expect((await terraform.plan()).code).toBe(0);
    }),
  );

  test("what was on a host moves too when a plan for nowhere was refused before", SLOW, () =>
    inWorkspace(async (terraform) => {
      const gone = '"/nonexistent/docker.sock"';
      terraform.write(host(`"${one.socket}"`) + app());
      await terraform.apply();
      terraform.write(host(gone) + app());
      const lost = await terraform.plan("-refresh=false");
      expect(lost.code).not.toBe(0);
      terraform.write(host(`"${two.socket}"`) + app());
      await terraform.apply();
      expect(await names(two)).toEqual(["web"]);
    }),
  );

  test("an id is understood where a name is, and refused from another host", SLOW, () =>
    inWorkspace(async (terraform) => {
      const other = host(`"${two.socket}"`).replaceAll("here", "there");
      const ids = app()
        .replace("fairlead_image.app.ref", "fairlead_image.app.id")
        .replace("fairlead_network.front.name", "fairlead_network.front.id")
        .replace("fairlead_volume.data.name", "fairlead_volume.data.id");
      terraform.write(host(`"${one.socket}"`) + other + ids);
      await terraform.apply();
      expect(await names(one)).toEqual(["web"]);
      const again = await terraform.plan();
      expect(again.code === 0 ? "" : again.text).toBe("");
      const elsewhere = ids.replace(
        'resource "fairlead_volume" "data" {\n  host = fairlead_host.here.id',
        'resource "fairlead_volume" "data" {\n  host = fairlead_host.there.id',
      );
      terraform.write(host(`"${one.socket}"`) + other + elsewhere);
      const refused = await terraform.plan();
      expect(refused.text).toMatch(/there\/data is on there, and not on here/);
      terraform.write(host(`"${one.socket}"`) + other + ids);
    }),
  );

  test("an import carries a tmpfs, and says what it cannot carry", SLOW, () =>
    inWorkspace(async (terraform) => {
      terraform.write(host(`"${one.socket}"`) + app());
      await terraform.apply();
      const made = "run -d --name foreign --tmpfs /t:size=8m,mode=700 --cpu-quota 50000 -P";
      await one.docker(...made.split(" "), "--memory-swappiness", "10", "fairlead/moves:1");
      const imports = `import {\n  to = fairlead_container.foreign\n  id = "here/foreign"\n}\n`;
      terraform.write(host(`"${one.socket}"`) + app() + imports);
      const { text } = await terraform.plan("-generate-config-out=generated.tf");
      expect(text).toMatch(/--publish-all, --cpu-quota, --memory-swappiness/);
      expect(text).toContain("1 to import");
      await terraform.apply();
      expect(await terraform.state("fairlead_container.foreign")).toMatchObject({
        mounts: [{ type: "tmpfs", target: "/t", size: "8m", mode: 0o700 }],
      });
    }),
  );
});
