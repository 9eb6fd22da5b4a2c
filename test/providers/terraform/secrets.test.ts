// A key that only the configuration has: the provider is started anew by every command, as users
// have it, and reaches a host over SSH in each of them, without the key in any state or plan.
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install } from "../../../providers/terraform/setup/install.ts";
import { Lab, whyNoLab } from "../../lab/lab.ts";
import { Workspace, whyNoTerraform } from "./workspace.ts";

const reason =
  whyNoTerraform() ??
  whyNoLab() ??
  (existsSync("dist/bundle") ? undefined : "the bundle for hosts is not built");
if (reason) console.log(`write-only keys are not tried: ${reason}`);

describe.skipIf(reason !== undefined)("a host whose key is write-only", () => {
  const mirror = mkdtempSync(join(tmpdir(), "fairlead-mirror-"));
  const rc = join(mirror, "terraform.rc");
  let lab: Lab;
  beforeAll(async () => {
    install("0.1.0", { mirror, writeRc: rc });
    lab = await Lab.open(1);
  });
  afterAll(async () => {
    await lab?.close();
    rmSync(mirror, { recursive: true, force: true });
  });

  /** The states that terraform wrote down, what is remembered beside them in the clear. */
  function states(folder: string): string {
    const names = readdirSync(folder).filter((name) => name.includes("tfstate"));
    const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
    const remembered = texts.flatMap((text) => [...text.matchAll(/"private": "([^"]+)"/g)]);
    expect(remembered.length).toBeGreaterThan(0);
    const decoded = remembered.map(([, base64]) => Buffer.from(base64!, "base64").toString());
    return [...texts, ...decoded].join("\n");
  }

  test("is made, asked, tunnelled to and left by separate processes", async () => {
    const key = readFileSync(lab.privateKeyPath, "utf8");
    const env = {
      TF_CLI_CONFIG_FILE: rc,
      FAIRLEAD_BUNDLES: join(process.cwd(), "dist/bundle"),
      TF_VAR_key: key,
    };
    const terraform = new Workspace(env);
    const configuration = (more = "") => `
variable "key" {
  type      = string
  ephemeral = true
}
resource "fairlead_host" "h" {
  name               = "h"
  private_key_wo     = var.key
  connect_wo_version = "1"
  connect = {
    host        = "${lab.host("h1").address}"
    user        = "root"
    known_hosts = "${lab.knownHostsPath}"
  }
}
resource "fairlead_volume" "v" {
  host = fairlead_host.h.id
  name = "kept"
}
${more}`;
    try {
      terraform.write(configuration());
      await terraform.run("init");
      expect((await terraform.run("plan", "-out=first.plan")).code).toBe(0);
      const shown = await terraform.run("show", "-json", "first.plan");
      expect(shown.text).toContain("connect_wo_version");
      expect(shown.text).not.toContain("PRIVATE KEY");
      expect((await terraform.run("apply", "first.plan")).text).toContain("2 added");
      expect((await terraform.plan()).text).toContain("No changes");
      expect(states(terraform.folder)).toContain("known_hosts");
      expect(states(terraform.folder)).not.toContain("PRIVATE KEY");
      const kept = join(terraform.folder, ".terraform/fairlead-hosts.json");
      expect(statSync(kept).mode & 0o777).toBe(0o600);

      // A fresh checkout knows nothing of the key before the configuration is read.
      rmSync(kept);
      expect((await terraform.plan()).text).toContain("No changes");
      // The same with a key that was changed meanwhile.
      const hosts = JSON.parse(readFileSync(kept, "utf8"));
      hosts.h.secrets.privateKey = "/nonexistent/key";
      writeFileSync(kept, JSON.stringify(hosts));
      expect((await terraform.plan()).text).toContain("No changes");

      const seen = join(terraform.folder, "seen");
      terraform.write(
        configuration(`
ephemeral "fairlead_tunnel" "t" {
  host = fairlead_host.h.id
}
resource "terraform_data" "docker" {
  depends_on = [fairlead_volume.v]
  provisioner "local-exec" {
    command     = "docker volume ls -q > ${seen}; echo $DOCKER_HOST >> ${seen}"
    environment = { DOCKER_HOST = ephemeral.fairlead_tunnel.t.docker_host }
  }
}
`),
      );
      expect(await terraform.apply()).toContain("1 added");
      const [volume, address = ""] = readFileSync(seen, "utf8").trim().split("\n");
      expect(volume).toBe("kept");
      expect(existsSync(address.replace("unix://", ""))).toBe(false);

      rmSync(kept);
      const { text } = await terraform.run("destroy", "-auto-approve");
      expect(text).toContain("3 destroyed");
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
    }
  });

  test("is refused with the key in both places", async () => {
    const terraform = new Workspace({ TF_CLI_CONFIG_FILE: rc });
    try {
      terraform.write(`
resource "fairlead_host" "h" {
  private_key_wo = "a"
  connect        = { host = "203.0.113.1", private_key = "b" }
}
`);
      await terraform.run("init");
      expect((await terraform.run("validate")).text).toMatch(
        /private_key_wo: it is in connect already/,
      );
    } finally {
      await terraform.close();
    }
  });
});
