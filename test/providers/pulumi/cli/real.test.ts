// The provider under the real engine: `npm run test:pulumi`.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../../e2e/project.ts";
import { Lab, whyNoLab } from "../../../lab/lab.ts";
import { Program } from "../engine/program.ts";
import { whatIsThere } from "../sight.ts";
import { findPulumi, Pulumi } from "./pulumi.ts";

const command = findPulumi();
const why =
  whyNoLab() ??
  (process.env.FAIRLEAD_TEST_PULUMI ? undefined : "npm run test:pulumi runs it") ??
  (command ? undefined : "there is no pulumi command (scripts/pulumi-cli.mjs builds it)");
if (why) console.log(`skipped: ${why}`);

const SECRET = "correct-horse-battery-staple";

describe.skipIf(why !== undefined)("the real Pulumi engine", { timeout: 400_000 }, () => {
  let lab: Lab;
  let project: Project;
  let program: Program;
  let pulumi: Pulumi;

  beforeAll(async () => {
    lab = await Lab.open(1);
    project = new Project(lab);
    program = new Program();
    pulumi = new Pulumi(command!, program);
    program.says(text("64m"));
    await pulumi.prepare();
  }, 400_000);

  afterAll(async () => {
    pulumi?.remove();
    program?.remove();
    project?.remove();
    await lab?.close();
  });

  const text = (memory: string) => `
const host = new fairlead.Host("web-1", { connection: {
  host: "${lab.host("h1").address}", user: "root", privateKey: "${lab.privateKeyPath}",
  knownHosts: "${lab.knownHostsPath}" } });
const net = new fairlead.Network("backend", { host });
const data = new fairlead.Volume("data", { host, removeData: true });
const app = new fairlead.Image("app", { host, name: "app:1", rootfs: "${project.folder}/rootfs",
  config: { command: ["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"] } });
const web = new fairlead.Container("web", { host, image: app, ports: ["18080:8080"],
  mounts: [{ volume: data, target: "/data" }], networks: [{ network: net }],
  memory: "${memory}", env: { TOKEN: pulumi.secret("${SECRET}") } });
exports.url = web.url;`;

  test("previews, brings up, and then finds everything unchanged", async () => {
    expect(await pulumi.succeed("preview", "--diff")).toContain("fairlead:index:Container");
    await pulumi.succeed("up", "--skip-preview");
    const page = await fetch(`http://${lab.host("h1").address}:18080/index.html`);
    expect(await page.text()).toContain("Hello from fairlead");
    await pulumi.succeed("up", "--skip-preview", "--expect-no-changes");
    await pulumi.succeed("refresh", "--expect-no-changes");
  });

  test("has no secret in the state, and updates one property", async () => {
    expect(pulumi.state()).not.toContain(SECRET);
    program.says(text("96m"));
    expect(await pulumi.succeed("preview", "--diff")).toMatch(/~ memory\s*: "64m" => "96m"/);
    await pulumi.succeed("up", "--skip-preview");
  });

  test("destroys everything", async () => {
    await pulumi.succeed("destroy", "--skip-preview");
    expect(await whatIsThere(lab, "h1")).toEqual([]);
  });
});
