// The whole life of a deployment over the real protocol, on a real host.
import { expect, test } from "vitest";
import type { Scenarios } from "./engine/outcome.ts";
import { onLab } from "./lab-program.ts";
import { onHost } from "./sight.ts";

const SECRET = "correct-horse-battery-staple";
const LATE_MS = 4000;
// It is the Host that waits, not each attempt to connect.
const CONNECTION = "dialErrorLimit: 1";

/** What is declared of `web` besides its place; two edits of it. */
const FIRST = `memory: "64m", env: { MODE: "a", TOKEN: pulumi.secret("${SECRET}") }`;
const EDITED = FIRST.replace("64m", "96m");
const REPLACED = EDITED.replace('MODE: "a"', 'MODE: "b"');

/** The whole life of a deployment under an engine; `why` it cannot be tried. */
export function tryLife(name: string, make: () => Promise<Scenarios>, why?: string): void {
  onLab(`a program under ${name}`, make, why, (on) => {
    const says = (container: string, more = "", connection = CONNECTION) => {
      const text = `
const net = new fairlead.Network("backend", { host });
const data = new fairlead.Volume("data", { host, removeData: true });
const web = new fairlead.Container("web", { host, image: app, ports: ["18080:8080"],
  stopGracePeriod: "1s", mounts: [{ volume: data, target: "/data" }],
  networks: [{ network: net, aliases: ["web"] }], ${container} });
${more}
exports.url = web.url; exports.id = web.containerId;`;
      return on.says(["/bin/httpd", "-f", "-p", "8080", "-h", "/srv"], text, connection);
    };
    const up = async (...program: Parameters<typeof says>) => {
      const outcome = await on.engine.up(says(...program));
      expect(outcome.errors).toEqual([]);
      return outcome;
    };
    const url = (path = "") => `http://${on.address}:18080${path}`;

    test("previews with what is known, and changes nothing", async () => {
      const { errors, steps, exports } = await on.engine.preview(says(FIRST));
      expect(errors).toEqual([]);
      expect(steps.sort()).toEqual([
        "create Container web",
        "create Host web-1",
        "create Image app",
        "create Network backend",
        "create Volume data",
      ]);
      expect(exports.url).toBe(url());
      expect(on.engine.count()).toBe(0);
    });

    test("is brought up as soon as SSH answers, and then is all the same", async () => {
      const host = on.lab.host("h1");
      await host.inside("systemctl", "stop", "ssh");
      const late = new Promise((done) => setTimeout(done, LATE_MS));
      const answers = late.then(() => host.inside("systemctl", "start", "ssh"));
      await up(FIRST);
      await answers;
      expect(await (await fetch(url("/index.html"))).text()).toContain("Hello from fairlead");
      const again = await up(FIRST);
      expect(again.steps.filter((step) => !step.startsWith("same"))).toEqual([]);
      const read = await on.engine.refresh();
      expect(read.errors).toEqual([]);
      expect(read.diffs).toMatchObject({ web: { detail: {} }, data: { detail: {} } });
    });

    test("keeps secrets sealed in state and log", async () => {
      expect(on.engine.exported()).not.toContain(SECRET);
    });

    test("shows an edit per property and makes it live", async () => {
      const before = on.engine.of("web").outputs.containerId;
      // Another way to the host touches nothing that is on it.
      const program = says(EDITED, "", `${CONNECTION}, keepAlive: "20s"`);
      const preview = await on.engine.preview(program);
      expect(preview.errors).toEqual([]);
      expect(preview.diffs.web?.detail).toEqual({ memory: "update" });
      expect(preview.diffs["web-1"]?.detail).toEqual({ connection: "update" });
      const { errors, steps } = await on.engine.up(program);
      expect(errors).toEqual([]);
      expect(steps).toContain("update Container web");
      expect(steps).toContain("update Host web-1");
      expect(on.engine.of("web").outputs.containerId).toBe(before);
    });

    test("sees drift at refresh, and takes it back", async () => {
      const id = String(on.engine.of("web").outputs.containerId);
      await onHost(on.lab, "h1", (host) =>
        host.json({ method: "POST", path: `/containers/${id}/update`, body: { Memory: 48 << 20 } }),
      );
      const { diffs, errors } = await on.engine.refresh();
      expect(errors).toEqual([]);
      expect(diffs.web?.detail).toEqual({ memory: "update" });
      expect(on.engine.of("web").inputs.memory).toBe("48m");
      expect((await on.engine.up(on.program)).steps).toContain("update Container web");
      expect((await on.engine.refresh()).diffs.web?.detail).toEqual({});
    });

    test("stops first when a port cannot be held twice, else starts first", async () => {
      const worker = (mode: string) => `new fairlead.Container("worker", { host, image: app,
  stopGracePeriod: "1s", command: ["/bin/sleep", "1000"], env: { MODE: "${mode}" } });`;
      const { steps, diffs } = await up(REPLACED, worker("a"));
      expect(diffs.web?.detail).toEqual({ "env.MODE": "update" });
      expect(steps).toContain("update Container web");
      const how = (resource: string) => String(on.engine.of(resource).outputs.replacement);
      expect(how("web")).toMatch(/^stop-first \(both publish port 18080\).*: env$/);
      const replaced = await up(REPLACED, worker("b"));
      expect(replaced.steps).toContain("update Container worker");
      expect(how("worker")).toMatch(/^start-first \(nothing clashes\).*: env$/);
    });

    test("tells why a container ends or is unhealthy, keeps it, and mends it", async () => {
      const job = (command: string, probe: string) => `
new fairlead.Container("job", { host, image: app, stopGracePeriod: "1s",
  command: ["/bin/sh", "-c", ${JSON.stringify(command)}] });
new fairlead.Container("sick", { host, image: app, stopGracePeriod: "1s",
  healthcheck: { test: ["CMD-SHELL", "${probe}"], interval: "1s", retries: 2 } });`;
      const broken = job("echo it went wrong; exit 3", "echo the probe said no; exit 1");
      const { errors } = await on.engine.up(says(REPLACED, broken));
      const text = errors.join("\n");
      for (const told of ["it went wrong", "exit code: 3", "is unhealthy", "the probe said no"]) {
        expect(text).toContain(told);
      }
      for (const name of ["job", "sick"]) expect(on.engine.of(name).initErrors.length).toBe(1);
      await up(REPLACED, job("sleep 1000", "true"));
      for (const name of ["job", "sick"]) expect(on.engine.of(name).initErrors).toEqual([]);
    });

    test("leaves nothing of it on the host after destroy", async () => {
      const { errors } = await on.engine.destroy();
      expect(errors).toEqual([]);
      expect(on.engine.count()).toBe(0);
      expect(await on.names()).toEqual([]);
    });
  });
}
