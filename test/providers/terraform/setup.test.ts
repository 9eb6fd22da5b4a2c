// fairlead terraform install, doctor and dev-rc as commands, each in a home of its own: where the
// provider is put, what is refused, what would hide it, and that terraform then finds it.
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checksum } from "../../../providers/terraform/setup/hindrances.ts";
import { LAUNCHER, SOURCE, thisPlatform } from "../../../providers/terraform/setup/place.ts";
import { TERRAFORM, whyNoTerraform } from "./workspace.ts";

const COMMAND = resolve("dist/fairlead.js");
const VERSION = "0.1.0";
const unbuilt = existsSync(COMMAND) ? whyNoTerraform() : "the command is not built";
if (unbuilt) console.log(`the installer is not tried: ${unbuilt}`);

describe.skipIf(unbuilt !== undefined)("fairlead terraform", () => {
  let home = "";
  let project = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "fairlead-home-"));
    project = join(home, "project");
    mkdirSync(project);
    const head = `terraform {
  required_providers {
    fairlead = { source = "${SOURCE}" }
  }
}
`;
    writeFileSync(join(project, "main.tf"), `${head}data "fairlead_host" "h" { host = "local" }\n`);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function run(program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    const { TF_CLI_CONFIG_FILE: _mine, TF_PLUGIN_CACHE_DIR: _cache, ...inherited } = process.env;
    return spawnSync(program, args, {
      ...{ cwd: project, encoding: "utf8" },
      env: { ...inherited, HOME: home, XDG_DATA_DIRS: "", CHECKPOINT_DISABLE: "1", ...env },
    });
  }
  const fairlead = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, [COMMAND, "terraform", ...args], env);
  const terraform = (...args: string[]) => run(TERRAFORM, [...args, "-no-color"]);
  const told = ({ stdout, stderr }: SpawnSyncReturns<string>) => stdout + stderr;
  const placeIn = (plugins: string) => join(plugins, ...SOURCE.split("/"), VERSION);
  const user = () => placeIn(join(home, ".terraform.d/plugins"));

  test("install puts it where terraform finds it, also below -chdir, by its checksum", () => {
    const dry = fairlead(["install", "--print"]);
    expect(told(dry)).toContain("Nothing has been changed.");
    expect(existsSync(user())).toBe(false);
    const done = fairlead(["install"]);
    expect(told(done)).toContain(`fairlead = { source = "${SOURCE}", version = "${VERSION}" }`);
    expect(told(done)).not.toContain("warning");
    const inside = run(TERRAFORM, [`-chdir=${project}`, "init", "-no-color"]);
    expect(told(inside)).toContain(`Installed ${SOURCE} v${VERSION}`);
    const lock = readFileSync(join(project, ".terraform.lock.hcl"), "utf8");
    expect(lock).toContain(checksum(join(user(), thisPlatform())));
    expect(told(fairlead(["doctor"]))).toMatch(/ok +installed in[\s\S]*ok +starts in \d+ ms/);
    expect(fairlead(["install"]).status).toBe(0);
  });

  test("install --all-platforms gives every platform the same bytes", () => {
    fairlead(["install", "--all-platforms"]);
    const sums = ["linux_amd64", "linux_arm64", "darwin_arm64", "windows_amd64"].map((one) =>
      checksum(join(user(), one)),
    );
    expect(new Set(sums).size).toBe(1);
    expect(lstatSync(join(user(), "darwin_arm64")).isSymbolicLink()).toBe(true);
    expect(existsSync(join(user(), "windows_amd64", `${LAUNCHER}.cmd`))).toBe(true);
  });

  test("install --mirror and --write-rc serve a terraform that is told so", () => {
    const rc = join(home, "own.rc");
    const mirror = join(home, "mirror");
    fairlead(["install", "--mirror", mirror, "--write-rc", rc]);
    const config = { TF_CLI_CONFIG_FILE: rc };
    expect(told(run(TERRAFORM, ["init", "-no-color"], config))).toContain("Installed");
    writeFileSync(rc, "# mine\n");
    const refused = fairlead(["install", "--mirror", mirror, "--write-rc", rc]);
    expect(refused.status).not.toBe(0);
    expect(told(refused)).toMatch(/exists and says something else/);
    expect(readFileSync(rc, "utf8")).toBe("# mine\n");
  });

  test("install --project is for this folder, and says what does not look there", () => {
    const done = fairlead(["install", "--project"]);
    expect(told(done)).toMatch(/-chdir and CDK for Terraform do not look into/);
    expect(existsSync(placeIn(join(project, "terraform.d/plugins")))).toBe(true);
    expect(terraform("init").status).toBe(0);
    const both = fairlead(["install", "--project", "--mirror", "x"]);
    expect(told(both)).toMatch(/exclude each other/);
    expect(told(fairlead(["install", "--write-rc", "x"]))).toMatch(/needs --mirror/);
  });

  test("install refuses other bytes of the same version, unless forced", () => {
    const there = join(user(), thisPlatform());
    mkdirSync(there, { recursive: true });
    writeFileSync(join(there, LAUNCHER), "#!/bin/sh\n");
    const refused = fairlead(["install"]);
    expect(refused.status).not.toBe(0);
    expect(told(refused)).toMatch(/other bytes of version 0.1.0[\s\S]*--force/);
    expect(readFileSync(join(there, LAUNCHER), "utf8")).toBe("#!/bin/sh\n");
    expect(fairlead(["install", "--force"]).status).toBe(0);
    expect(terraform("init").status).toBe(0);
  });

  test("install tells everything that would hide it", () => {
    writeFileSync(join(home, ".terraformrc"), "provider_installation {\n  direct {}\n}\n");
    const newer = join(dirname(placeIn(join(project, "terraform.d/plugins"))), "9.0.0");
    mkdirSync(newer, { recursive: true });
    const cache = join(placeIn(join(home, "cache")), thisPlatform());
    mkdirSync(cache, { recursive: true });
    writeFileSync(
      join(project, ".terraform.lock.hcl"),
      `provider "${SOURCE}" {\n  version = "${VERSION}"\n  hashes = ["h1:other"]\n}\n`,
    );
    const env = {
      TF_PLUGIN_CACHE_DIR: join(home, "cache"),
      TF_REATTACH_PROVIDERS: JSON.stringify({ [SOURCE]: {} }),
    };
    const text = told(fairlead(["install"], env));
    for (const one of [
      /\.terraformrc has a provider_installation block/,
      /9\.0\.0 is newer: terraform takes it/,
      /the plugin cache has other bytes of 0\.1\.0/,
      /TF_REATTACH_PROVIDERS names it/,
      /\.terraform\.lock\.hcl of this folder has another checksum/,
    ]) {
      expect(text).toMatch(one);
    }
  });

  test("doctor says what is wrong, and ends with 1", () => {
    const absent = fairlead(["doctor"]);
    expect([absent.status, told(absent)]).toEqual([1, expect.stringMatching(/PROBLEM not inst/)]);
    fairlead(["install"]);
    const without = fairlead(["doctor"], { FAIRLEAD_NODE: "no-such-node" });
    expect(without.status).toBe(1);
    expect(told(without)).toMatch(/PROBLEM no-such-node is not on the PATH/);
    expect(told(without)).toMatch(/needs Node 20\.19 or newer on the PATH, or in FAIRLEAD_NODE/);
    const old = join(home, "old-node");
    writeFileSync(old, `#!/bin/sh\n[ "$1" = --version ] && echo v18.0.0\n`);
    chmodSync(old, 0o755);
    expect(told(fairlead(["doctor"], { FAIRLEAD_NODE: old }))).toMatch(
      /PROBLEM .*old-node v18\.0\.0: the provider needs 20\.19/,
    );
    chmodSync(join(user(), thisPlatform(), LAUNCHER), 0o644);
    expect(told(fairlead(["doctor"]))).toMatch(/PROBLEM .* may not be executed/);
    const bare = told(fairlead(["doctor"], { PATH: home }));
    expect(bare).toMatch(/PROBLEM node is not on the PATH/);
    expect(bare).toMatch(/PROBLEM terraform is not on the PATH/);
  });

  test("dev-rc lets terraform take the provider as it is built, without init", () => {
    const rc = fairlead(["dev-rc"]).stdout;
    expect(rc).toContain("dev_overrides");
    const path = join(home, "dev.rc");
    writeFileSync(path, rc);
    const plan = run(TERRAFORM, ["validate", "-no-color"], { TF_CLI_CONFIG_FILE: path });
    expect(told(plan)).toMatch(/development overrides are in effect[\s\S]*Success!/);
    writeFileSync(join(home, ".terraformrc"), rc);
    expect(told(fairlead(["install"]))).toMatch(/has dev_overrides for it/);
  });
});
