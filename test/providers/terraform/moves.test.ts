// A host that becomes another machine in the middle of a configuration, and one that is gone;
// ids in place of names; what an import cannot carry. The real terraform, two real dockerds.
import { expect, test } from "vitest";
import { describeOnDocker, nothingToDo, SLOW } from "./on-docker.ts";

describeOnDocker(
  "terraform and hosts that move",
  (on) => {
    const [one, two] = on.engines as [(typeof on)["docker"], (typeof on)["docker"]];
    const app = () =>
      on.image("fairlead/moves:1") +
      `
resource "fairlead_network" "front" {
  host = fairlead_host.here.id
  name = "front"
}
resource "fairlead_volume" "data" {
  host = fairlead_host.here.id
  name = "data"
}
` +
      on.container(`
  networks = { (fairlead_network.front.name) = {} }
  mounts   = [{ type = "volume", source = fairlead_volume.data.name, target = "/data" }]`);

    test("everything on a host moves with it in one apply, its address known or not", SLOW, () =>
      on.inWorkspace(async (terraform) => {
        const machine = (socket: string) => `
resource "terraform_data" "machine" { input = "${socket}" }
${on.host("terraform_data.machine.output")}`;
        terraform.write(on.host(`"${one.socket}"`) + app());
        await terraform.apply();
        terraform.write(on.host(`"${two.socket}"`) + app());
        const planned = await terraform.plan();
        expect(planned.text).toMatch(/0 to destroy/);
        await terraform.apply();
        expect([await on.names(two), await on.volumes(two)]).toEqual([["web"], ["data"]]);
        await nothingToDo(terraform);

        // A new machine whose address shows only when it is made.
        await on.clear(one);
        terraform.write(machine(one.socket) + app());
        await terraform.apply();
        expect([await on.names(one), await on.volumes(one)]).toEqual([["web"], ["data"]]);
        await nothingToDo(terraform);
      }),
    );

    test("what was on a host moves too when a plan for nowhere was refused before", SLOW, () =>
      on.inWorkspace(async (terraform) => {
        const gone = '"/nonexistent/docker.sock"';
        terraform.write(on.host(`"${one.socket}"`) + app());
        await terraform.apply();
        terraform.write(on.host(gone) + app());
        const lost = await terraform.plan("-refresh=false");
        expect(lost.code).not.toBe(0);
        terraform.write(on.host(`"${two.socket}"`) + app());
        await terraform.apply();
        expect(await on.names(two)).toEqual(["web"]);
      }),
    );

    test("an id is understood where a name is, and refused from another host", SLOW, () =>
      on.inWorkspace(async (terraform) => {
        const other = on.host(`"${two.socket}"`).replaceAll("here", "there");
        const ids = app()
          .replace("fairlead_image.app.ref", "fairlead_image.app.id")
          .replace("fairlead_network.front.name", "fairlead_network.front.id")
          .replace("fairlead_volume.data.name", "fairlead_volume.data.id");
        terraform.write(on.host(`"${one.socket}"`) + other + ids);
        await terraform.apply();
        expect(await on.names(one)).toEqual(["web"]);
        await nothingToDo(terraform);
        const elsewhere = ids.replace(
          'resource "fairlead_volume" "data" {\n  host = fairlead_host.here.id',
          'resource "fairlead_volume" "data" {\n  host = fairlead_host.there.id',
        );
        terraform.write(on.host(`"${one.socket}"`) + other + elsewhere);
        const refused = await terraform.plan();
        expect(refused.text).toMatch(/there\/data is on there, and not on here/);
        terraform.write(on.host(`"${one.socket}"`) + other + ids);
      }),
    );

    test("an import carries a tmpfs, and says what it cannot carry", SLOW, () =>
      on.inWorkspace(async (terraform) => {
        terraform.write(on.host(`"${one.socket}"`) + app());
        await terraform.apply();
        const made = "run -d --name foreign --tmpfs /t:size=8m,mode=700 --cpu-quota 50000 -P";
        await one.docker(...made.split(" "), "--cpuset-mems", "0", "fairlead/moves:1");
        const imports = `import {\n  to = fairlead_container.foreign\n  id = "here/foreign"\n}\n`;
        terraform.write(on.host(`"${one.socket}"`) + app() + imports);
        const { text } = await terraform.plan("-generate-config-out=generated.tf");
        expect(text).toMatch(/--cpu-quota, --cpuset-mems/);
        expect(text).toContain("1 to import");
        await terraform.apply();
        expect(await terraform.state("fairlead_container.foreign")).toMatchObject({
          publish_all_ports: true,
          mounts: [{ type: "tmpfs", target: "/t", size: "8m", mode: 0o700 }],
        });
      }),
    );
  },
  2,
);
