// What goes wrong, over the real protocol and on a real host: failures with their paths, import,
// drift of a deletion, a host that is away, a run that is cancelled or killed.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab, whyNoLab } from "../../lab/lab.ts";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";
import { onHost, whatIsThere } from "./sight.ts";

const why = whyNoLab();
if (why) console.log(`skipped: ${why}`);

describe.skipIf(why !== undefined)("a Pulumi deployment", { timeout: 240_000 }, () => {
  let lab: Lab;
  let project: Project;
  let program: Program;
  const engine = new TestEngine();

  beforeAll(async () => {
    lab = await Lab.open(1);
    project = new Project(lab);
    program = new Program();
  }, 240_000);

  afterAll(async () => {
    program?.remove();
    project?.remove();
    await lab?.close();
  });

  const host = (address = lab.host("h1").address) => `
const host = new fairlead.Host("web-1", { connection: { host: "${address}", user: "root",
  privateKey: "${lab.privateKeyPath}", knownHosts: "${lab.knownHostsPath}",
  dialErrorLimit: 1, perDialTimeout: "2s" } });
const app = new fairlead.Image("app", { host, name: "app:1", rootfs: "${project.folder}/rootfs",
  config: { command: ["/bin/sleep", "1000"] } });
`;
  const container = (fields: string, options = "") =>
    `new fairlead.Container("web", { host, image: app, stopGracePeriod: "1s", ${fields} }, ${
      options || "{}"
    });`;

  test("tells everything that is wrong, each with its path", async () => {
    const wrong =
      'ports: ["99999:80"], memory: "much", colour: "red", healthcheck: { retries: -1 }';
    const { errors } = await engine.preview(program.says(host() + container(wrong)));
    const text = errors.join("\n");
    for (const path of ["ports[0]", "memory", "colour", "healthcheck.retries"]) {
      expect(text).toContain(path);
    }
  });

  test("removes what a killed run left when it makes the container again", async () => {
    expect((await engine.up(program.says(host() + container("")))).errors).toEqual([]);
    const left = engine.of("web");
    engine.resources.delete(left.urn);
    expect((await engine.up(program)).errors).toEqual([]);
    const there = await whatIsThere(lab, "h1");
    expect(there).toContain(`/${engine.of("web").outputs.name}`);
    expect(there).not.toContain(`/${left.outputs.name}`);
  });

  test("imports a container by host and name without a difference", async () => {
    const name = String(engine.of("web").outputs.name);
    engine.resources.delete(engine.of("web").urn);
    const imported = container(`name: "${name}"`, `{ import: "web-1/${name}" }`);
    const { errors, steps } = await engine.up(program.says(host() + imported));
    expect(errors).toEqual([]);
    expect(steps).toContain("import Container web");
    expect((await engine.up(program)).steps).toContain("same Container web");
  });

  test("takes a container that was removed by hand for gone", async () => {
    const id = String(engine.of("web").outputs.containerId);
    await onHost(lab, "h1", (one) =>
      one.json({ method: "DELETE", path: `/containers/${id}`, query: { force: true } }),
    );
    expect((await engine.refresh()).steps).toContain("delete Container web");
    expect((await engine.up(program.says(host() + container("")))).errors).toEqual([]);
  });

  test("keeps the state of a host that is away, unless it may be left behind", async () => {
    const away = host("10.88.250.250");
    const moved = await engine.preview(program.says(away + container("")));
    expect(moved.steps).toContain("update Host web-1");
    const before = engine.resources.size;
    for (const one of engine.resources.values()) {
      if (one.inputs.connection)
        one.inputs.connection = { host: "10.88.250.250", dialErrorLimit: 1 };
    }
    expect((await engine.refresh()).errors.length).toBeGreaterThan(0);
    expect(engine.resources.size).toBe(before);
    expect((await engine.up(program.says(host() + container("")))).errors).toEqual([]);
  });

  test("ends a hanging creation when it is cancelled", async () => {
    const hanging = container(
      `name: "hanging",
       healthcheck: { test: ["CMD", "false"], startPeriod: "10m", interval: "5m" }`,
    ).replace('"web"', '"hanging"');
    const begun = Date.now();
    const { errors } = await engine.up(program.says(host() + container("") + hanging), {
      started: (plugin) => void setTimeout(() => void plugin.cancel(), 12_000),
    });
    expect(errors.length).toBeGreaterThan(0);
    expect(Date.now() - begun).toBeLessThan(60_000);
    expect((await engine.destroy()).errors).toEqual([]);
    expect(await whatIsThere(lab, "h1")).toEqual([]);
  });
});
