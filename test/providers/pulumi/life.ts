// The whole life of a deployment over the real protocol, on a real host.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab } from "../../lab/lab.ts";
import type { Scenarios } from "./engine/outcome.ts";
import { Program } from "./engine/program.ts";
import { onHost, whatIsThere } from "./sight.ts";

const SECRET = "correct-horse-battery-staple";

/** The whole life of a deployment under an engine; `why` it cannot be tried. */
export function tryLife(name: string, make: () => Promise<Scenarios>, why?: string): void {
  describe.skipIf(why !== undefined)(`a program under ${name}`, { timeout: 600_000 }, () => {
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

    const base = (container: string, more = "") => `
const host = new fairlead.Host("web-1", { connection: {
  host: "${lab.host("h1").address}", user: "root", privateKey: "${lab.privateKeyPath}",
  knownHosts: "${lab.knownHostsPath}" } });
const net = new fairlead.Network("backend", { host });
const data = new fairlead.Volume("data", { host, removeData: true });
const app = new fairlead.Image("app", { host, name: "app:1", rootfs: "${project.folder}/rootfs",
  config: { command: ["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"] } });
const web = new fairlead.Container("web", { host, image: app, ports: ["18080:8080"],
  mounts: [{ volume: data, target: "/data" }],
  networks: [{ network: net, aliases: ["web"] }], ${container} });
${more}
exports.url = web.url; exports.id = web.containerId;`;
    const first = `memory: "64m", env: { MODE: "a", TOKEN: pulumi.secret("${SECRET}") }`;

    test("previews with what is known, and changes nothing", async () => {
      const { errors, steps, exports } = await engine.preview(program.says(base(first)));
      expect(errors).toEqual([]);
      expect(steps.sort()).toEqual([
        "create Container web",
        "create Host web-1",
        "create Image app",
        "create Network backend",
        "create Volume data",
      ]);
      expect(exports.url).toBe(`http://${lab.host("h1").address}:18080`);
      expect(engine.count()).toBe(0);
    });

    test("is brought up, and then is all the same", async () => {
      const up = await engine.up(program.says(base(first)));
      expect(up.errors).toEqual([]);
      const page = await fetch(`http://${lab.host("h1").address}:18080/index.html`);
      expect(await page.text()).toContain("Hello from fairlead");
      const again = await engine.up(program);
      expect(again.errors).toEqual([]);
      expect(again.steps.filter((step) => !step.startsWith("same"))).toEqual([]);
      const read = await engine.refresh();
      expect(read.errors).toEqual([]);
      expect(read.diffs).toMatchObject({ web: { detail: {} }, data: { detail: {} } });
    });

    test("keeps secrets sealed in state and log", async () => {
      expect(engine.exported()).not.toContain(SECRET);
    });

    test("shows an edit per property and makes it live", async () => {
      const before = engine.of("web").outputs.containerId;
      program.says(base(first.replace("64m", "96m")));
      const preview = await engine.preview(program);
      expect(preview.errors).toEqual([]);
      expect(preview.diffs.web?.detail).toEqual({ memory: "update" });
      const { errors, steps } = await engine.up(program);
      expect(errors).toEqual([]);
      expect(steps).toContain("update Container web");
      expect(engine.of("web").outputs.containerId).toBe(before);
    });

    test("sees drift at refresh, and takes it back", async () => {
      const id = String(engine.of("web").outputs.containerId);
      await onHost(lab, "h1", (host) =>
        host.json({ method: "POST", path: `/containers/${id}/update`, body: { Memory: 48 << 20 } }),
      );
      const { diffs, errors } = await engine.refresh();
      expect(errors).toEqual([]);
      expect(diffs.web?.detail).toEqual({ memory: "update" });
      expect(engine.of("web").inputs.memory).toBe("48m");
      expect((await engine.up(program)).steps).toContain("update Container web");
      expect((await engine.refresh()).diffs.web?.detail).toEqual({});
    });

    test("deletes first when a port cannot be held twice, else creates first", async () => {
      program.says(base(first.replace('MODE: "a"', 'MODE: "b"').replace("64m", "96m")));
      const { errors, steps, diffs } = await engine.up(program);
      expect(errors).toEqual([]);
      expect(diffs.web?.detail).toEqual({ "env.MODE": "update-replace" });
      expect(steps.indexOf("delete Container web")).toBeLessThan(
        steps.indexOf("replace Container web"),
      );
      const worker = (mode: string) =>
        base(
          first.replace('MODE: "a"', 'MODE: "b"').replace("64m", "96m"),
          `new fairlead.Container("worker", { host, image: app, stopGracePeriod: "1s",
  command: ["/bin/sleep", "1000"], env: { MODE: "${mode}" } });`,
        );
      expect((await engine.up(program.says(worker("a")))).errors).toEqual([]);
      const replaced = await engine.up(program.says(worker("b")));
      expect(replaced.errors).toEqual([]);
      expect(replaced.steps.indexOf("replace Container worker")).toBeLessThan(
        replaced.steps.indexOf("delete Container worker"),
      );
    });

    test("keeps what is there of a container that ends at once, and mends it", async () => {
      const broken = (command: string) =>
        base(
          first.replace('MODE: "a"', 'MODE: "b"').replace("64m", "96m"),
          `new fairlead.Container("job", { host, image: app, stopGracePeriod: "1s",
  command: ["/bin/sh", "-c", ${JSON.stringify(command)}] });`,
        );
      const { errors } = await engine.up(program.says(broken("echo it went wrong; exit 3")));
      expect(errors.join("\n")).toContain("it went wrong");
      expect(errors.join("\n")).toContain("exit code: 3");
      expect(engine.of("job").initErrors.length).toBe(1);
      const mended = await engine.up(program.says(broken("sleep 1000")));
      expect(mended.errors).toEqual([]);
      expect(engine.of("job").initErrors).toEqual([]);
    });

    test("leaves nothing of it on the host after destroy", async () => {
      const { errors } = await engine.destroy();
      expect(errors).toEqual([]);
      expect(engine.count()).toBe(0);
      expect(await whatIsThere(lab, "h1")).toEqual([]);
    });
  });
}
