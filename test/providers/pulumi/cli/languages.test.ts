// Programs in Python and YAML with the real engine, from the schema alone, and the ways in which a
// plugin is put where Pulumi finds it.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../../e2e/project.ts";
import { Lab, whyNoLab } from "../../../lab/lab.ts";
import { DockerHost, whyNoDockerd } from "../docker-host.ts";
import { whatIsThere } from "../sight.ts";
import { codegen, PulumiHome, whyNoPulumi } from "./pulumi.ts";

const why = whyNoPulumi() ?? whyNoDockerd();
const whyNoYaml =
  why ??
  whyNoLab() ??
  (existsSync(join(dirname(codegen), "pulumi-language-yaml"))
    ? undefined
    : "there is no pulumi-language-yaml (scripts/pulumi-cli.mjs builds it)");
const noYamlHost = !existsSync(join(dirname(codegen), "pulumi-language-yaml"));
const whyNoCodegen =
  why ?? (existsSync(codegen) ? undefined : "there are no generators (scripts/pulumi-cli.mjs)");
for (const one of new Set([why, whyNoYaml, whyNoCodegen])) if (one) console.log(`skipped: ${one}`);

describe.skipIf(why !== undefined)("a program without our SDK", { timeout: 600_000 }, () => {
  const docker = new DockerHost();
  const home = new PulumiHome();
  const folder = mkdtempSync(join(tmpdir(), "fairlead-language-"));
  beforeAll(async () => {
    await docker.start();
    await home.prepare();
  });
  afterAll(async () => {
    await docker.stop();
    home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const project = (name: string) => {
    const made = join(folder, name);
    mkdirSync(made, { recursive: true });
    return made;
  };
  /** Nothing is to be done, nothing has drifted, and all goes. */
  async function stays(cwd: string): Promise<void> {
    await home.succeed(cwd, "up", "--skip-preview", "--expect-no-changes");
    await home.succeed(cwd, "refresh", "--expect-no-changes");
    await home.succeed(cwd, "destroy", "--skip-preview");
  }

  test.skipIf(whyNoYaml !== undefined)(
    "in YAML is the example, with the plugin's path",
    async () => {
      const lab = await Lab.open(1);
      const web = new Project(lab);
      const cwd = project("yaml");
      try {
        mkdirSync(join(cwd, "node_modules"));
        symlinkSync(resolve("."), join(cwd, "node_modules/fairlead"));
        cpSync("examples/pulumi-yaml", cwd, { recursive: true });
        await home.succeed(cwd, "stack", "init", "test");
        const { privateKeyPath: privateKey, knownHostsPath: knownHosts } = lab;
        const { address } = lab.host("h1");
        const settings = { address, privateKey, knownHosts, rootfs: `${web.folder}/rootfs` };
        for (const [key, value] of Object.entries(settings)) {
          await home.succeed(cwd, "config", "set", key, value);
        }
        await home.succeed(cwd, "preview");
        await home.succeed(cwd, "up", "--skip-preview");
        const url = (await home.succeed(cwd, "stack", "output", "url")).trim();
        expect(await (await fetch(`${url}/index.html`)).text()).toContain("Hello from fairlead");
        await stays(cwd);
        expect(await whatIsThere(lab, "h1")).toEqual([]);
      } finally {
        web.remove();
        await lab.close();
      }
    },
  );

  test.skipIf(why !== undefined || noYamlHost)("in YAML passes resources themselves", async () => {
    const cwd = project("yaml-ids");
    mkdirSync(join(cwd, "node_modules"));
    symlinkSync(resolve("."), join(cwd, "node_modules/fairlead"));
    writeFileSync(join(cwd, "Pulumi.yaml"), yamlProgram(docker));
    await home.succeed(cwd, "stack", "init", "test");
    await home.succeed(cwd, "up", "--skip-preview");
    expect((await docker.names()).sort()).toEqual(["data", "front", "web"]);
    await stays(cwd);
  });

  test("has the plugin installed from a folder", async () => {
    const from = join(folder, "plugin");
    execFileSync("cp", ["-rL", "dist", from]);
    const install = ["plugin", "install", "resource", "fairlead", "0.1.0", "--file", from];
    await home.succeed(folder, ...install);
    expect(await home.succeed(folder, "plugin", "ls")).toMatch(/fairlead\s+resource\s+0\.1\.0/);
  });

  test.skipIf(whyNoCodegen !== undefined)("in Python deploys", async () => {
    const cwd = project("python");
    execFileSync(codegen, ["python", "dist/pulumi-schema.json", join(folder, "sdk")]);
    execFileSync("python3", ["-m", "venv", join(folder, "venv")]);
    const python = join(folder, "venv/bin/python");
    const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check"];
    // As `pulumi package add` does; the SDK knows its version by what pip has written down of it.
    execFileSync(python, [...pip, join(folder, "sdk")], { stdio: "pipe" });
    writeFileSync(join(cwd, "Pulumi.yaml"), "name: lab-python\nruntime: python\n");
    writeFileSync(join(cwd, "__main__.py"), pythonProgram(docker));
    home.env.FAIRLEAD_TEST_PYTHON = python;
    await home.succeed(cwd, "stack", "init", "test");
    await home.succeed(cwd, "up", "--skip-preview");
    expect(await docker.docker.docker("ps", "--format", "{{.Names}}")).toMatch(/^web-/m);
    await stays(cwd);
    expect(await docker.names()).toEqual([]);
  });

  test.skipIf(whyNoCodegen !== undefined).each(["nodejs", "go"])(
    "has an SDK for %s generated from the schema",
    (language) => {
      const made = join(folder, language);
      execFileSync(codegen, [language, "dist/pulumi-schema.json", made]);
      expect(execFileSync("sh", ["-c", `ls -R ${made}`], { encoding: "utf8" })).toMatch(
        /composeStack\.(ts|go)/,
      );
    },
  );
});

function yamlProgram({ docker }: DockerHost): string {
  const { socket, rootfs } = docker;
  return `name: lab-yaml-ids
runtime: yaml
plugins: { providers: [{ name: fairlead, path: node_modules/fairlead/dist }] }
resources:
  here:
    type: fairlead:Host
    properties: { connection: { host: local, engine: docker, socket: "${socket}" } }
  app:
    type: fairlead:Image
    properties:
      host: "\${here}"
      name: fairlead/app:1
      rootfs: ${rootfs}
      config: { command: [sleep, "600"] }
  front: { type: "fairlead:Network", properties: { host: "\${here}", name: front } }
  data: { type: "fairlead:Volume", properties: { host: "\${here}", name: data, removeData: true } }
  web:
    type: fairlead:Container
    properties:
      host: "\${here}"
      name: web
      image: "\${app}"
      init: true
      stopGracePeriod: 1s
      networks: [{ network: "\${front}" }]
      mounts: [{ volume: "\${data}", target: /data }]
`;
}

function pythonProgram({ docker }: DockerHost): string {
  return `
import pulumi
import pulumi_fairlead as fairlead

here = fairlead.Host("here",
    connection={"host": "local", "engine": "docker", "socket": "${docker.socket}"})
app = fairlead.Image("app", host=here.id, name="fairlead/app:1", rootfs="${docker.rootfs}",
    config={"command": ["sleep", "600"]})
web = fairlead.Container("web", host=here.id, image=app.ref, init=True, stop_grace_period="1s")
pulumi.export("status", web.status)
`;
}
