// Images that Terraform has built on a host: planned by what is in their folder, with values that
// are known only later.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeOnDocker, nothingToDo, SLOW } from "./on-docker.ts";

describeOnDocker("terraform and an image that is built", (on) => {
  const { docker } = on;

  test("it is built once, again when a file changes, and its containers follow", SLOW, () =>
    on.inWorkspace(async (terraform) => {
      const context = mkdtempSync(join(tmpdir(), "terraform-build-"));
      onTestFinished(() => rmSync(context, { recursive: true }));
      cpSync(docker.rootfs, join(context, "root"), { recursive: true, verbatimSymlinks: true });
      const put = (text: string) => writeFileSync(join(context, "page"), text);
      put("one");
      const dockerfile = "FROM scratch\\nARG A\\nCOPY root page /\\nENV PATH=/bin A=$A";
      const configuration = (value: string) => `${on.base()}
resource "terraform_data" "later" {
  input = "${value}"
}
resource "fairlead_image" "built" {
  host = fairlead_host.here.id
  name = "built:1"
  build = {
    context           = "${context}"
    dockerfile_inline = "${dockerfile}"
    args              = { A = terraform_data.later.output }
  }
}
resource "fairlead_container" "web" {
  host    = fairlead_host.here.id
  name    = "web"
  image   = fairlead_image.built.ref
  command = ["sleep", "600"]
  init    = true
  settle  = "100ms"
}
`;
      const shown = () => docker.docker("exec", "web", "sh", "-c", "cat /page; echo -n $A");
      terraform.write(configuration("a"));
      expect(await terraform.apply()).toContain("5 added, 0 changed, 0 destroyed");
      expect(await shown()).toBe("onea");
      await nothingToDo(terraform);

      put("two");
      const planned = await terraform.plan();
      expect(planned.text).toMatch(/fairlead_image.built will be updated in-place/);
      expect(planned.text).toMatch(/~ ref .*\(known after apply\)/);
      await terraform.apply();
      expect(await shown()).toBe("twoa");
      await nothingToDo(terraform);

      terraform.write(configuration("b"));
      await terraform.apply();
      expect(await shown()).toBe("twob");
      await nothingToDo(terraform);
    }),
  );
});
