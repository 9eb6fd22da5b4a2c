// What goes wrong on a real host: failures with their paths, import, what was removed by hand, a
// run that is cancelled or killed.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab } from "../../lab/lab.ts";
import type { Scenarios } from "./engine/outcome.ts";
import { Program } from "./engine/program.ts";
import { onHost, whatIsThere } from "./sight.ts";

/** What may go wrong under an engine; `why` it cannot be tried. */
export function tryTrouble(name: string, make: () => Promise<Scenarios>, why?: string): void {
  describe.skipIf(why !== undefined)(`trouble under ${name}`, { timeout: 600_000 }, () => {
    let lab: Lab;
    let project: Project;
    let program: Program;
    let engine: Scenarios;

    beforeAll(async () => {
      lab = await Lab.open(1);
      project = new Project(lab);
      program = new Program();
      engine = await make();
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
      await engine.forget("web");
      expect((await engine.up(program)).errors).toEqual([]);
      const there = await whatIsThere(lab, "h1");
      expect(there).toContain(`/${engine.of("web").outputs.name}`);
      expect(there).not.toContain(`/${left.outputs.name}`);
    });

    test("imports a container by host and name without a difference", async () => {
      const name = String(engine.of("web").outputs.name);
      await engine.forget("web");
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

    test("ends a hanging creation when it is cancelled", async () => {
      const hanging = container(
        `name: "hanging",
       healthcheck: { test: ["CMD", "false"], startPeriod: "10m", interval: "5m" }`,
      ).replace('"web"', '"hanging"');
      const begun = Date.now();
      const { errors } = await engine.up(program.says(host() + container("") + hanging), {
        cancelAfterMs: 15_000,
      });
      expect(errors.length).toBeGreaterThan(0);
      expect(Date.now() - begun).toBeLessThan(60_000);
      expect((await engine.destroy()).errors).toEqual([]);
      expect(await whatIsThere(lab, "h1")).toEqual([]);
    });
  });
}
