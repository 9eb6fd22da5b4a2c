// Resource options over the real protocol: which reach the provider, and how it works with those
// that the engine sees to.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerHost, doing } from "./docker-host.ts";
import type { Scenarios } from "./engine/outcome.ts";
import { isKnown } from "./sight.ts";

/** Resource options under an engine; `why` they cannot be tried. */
export function tryOptions(name: string, make: () => Promise<Scenarios>, why?: string): void {
  describe.skipIf(why !== undefined)(
    `a resource option under ${name}`,
    { timeout: 600_000 },
    () => {
      const host = new DockerHost();
      let engine: Scenarios;
      beforeAll(async () => {
        engine = await make();
        await host.start();
      });
      afterAll(() => host.stop());

      const web = (fields: string, options = "{}", name = "web") =>
        `new fairlead.Container("${name}", { ...quick, ${fields} }, ${options});`;
      async function up(text: string) {
        const outcome = await engine.up(host.says(text));
        expect(outcome.errors).toEqual([]);
        return outcome;
      }
      const idOf = (name: string) => engine.of(name).outputs.containerId;

      test("a host whose address is made in the same run is foreseen without it", async () => {
        const { socket } = host.docker;
        const program = host.says(`
const address = host.version.apply(() => "local");
const later = new fairlead.Host("later", {
  connection: { host: address, engine: "docker", socket: "${socket}" } });
const web = new fairlead.Container("first", { ...quick, host: later, ports: ["18091:80"] });
exports.url = web.url; exports.address = later.address; exports.ports = web.ports;`);
        const { errors, steps, exports } = await engine.preview(program);
        expect(errors).toEqual([]);
        expect(steps).toContain("create Host later");
        expect(steps).toContain("create Container first");
        expect([exports.url, exports.address].map(isKnown)).toEqual([false, false]);
        expect(exports.ports).toEqual(["18091:80"]);
        const made = await engine.up(program);
        expect(made.errors).toEqual([]);
        expect(made.exports).toMatchObject({ url: "http://localhost:18091", address: "local" });
      });

      test("ignoreChanges keeps what is inside a field as it was", async () => {
        await up(web('env: { A: "1", B: "1" }, memory: "64m"'));
        const edited = 'env: { A: "2", B: "1" }, memory: "96m"';
        const { steps } = await up(web(edited, '{ ignoreChanges: ["env.A", "memory"] }'));
        expect(doing(steps)).toEqual([]);
        expect((await up(web(edited))).diffs.web?.detail).toEqual({
          "env.A": "update",
          memory: "update",
        });
      });

      test("replaceOnChanges makes a new one where an edit would do", async () => {
        const before = idOf("web");
        const options = '{ replaceOnChanges: ["memory"] }';
        const { steps } = await up(web('env: { A: "2", B: "1" }, memory: "112m"', options));
        expect(doing(steps)).toEqual(["delete Container web", "replace Container web"]);
        expect(steps.indexOf("replace Container web")).toBeLessThan(
          steps.indexOf("delete Container web"),
        );
        expect(idOf("web")).not.toBe(before);
      });

      test("deleteBeforeReplace lets the old one go first", async () => {
        const options = '{ replaceOnChanges: ["env"], deleteBeforeReplace: true }';
        const { steps } = await up(web('env: { A: "3" }', options));
        expect(steps.indexOf("delete Container web")).toBeLessThan(
          steps.indexOf("replace Container web"),
        );
      });

      test("aliases find it again under another name", async () => {
        const before = idOf("web");
        const { steps } = await up(
          web('env: { A: "3" }', '{ aliases: [{ name: "web" }] }', "site"),
        );
        expect(doing(steps)).toEqual([]);
        expect(idOf("site")).toBe(before);
      });

      test("protect keeps it, also from a program that lost it", async () => {
        await up(web('env: { A: "3" }', "{ protect: true }", "site"));
        const { errors } = await engine.up(host.says(""));
        expect(errors.join()).toContain("protected");
        await up(web('env: { A: "3" }', "{ protect: false }", "site"));
      });

      test("retainOnDelete leaves it on the host, and a volume stays with its data", async () => {
        const volumes = `new fairlead.Volume("data", { host, name: "kept-data" });
new fairlead.Volume("cache", { host, name: "cache", removeData: true });`;
        await up(web('name: "kept"', "{ retainOnDelete: true }", "kept") + volumes);
        await up("");
        expect(await host.names()).toEqual(["kept", "kept-data"]);
        await host.docker.docker("rm", "-f", "kept");
        await host.docker.docker("volume", "rm", "kept-data");
      });

      test("a fixed name is taken over after a killed run", async () => {
        await up(web('name: "fixed"', "{}", "fixed"));
        const before = idOf("fixed");
        await engine.forget("fixed");
        const { steps } = await up(web('name: "fixed"', "{}", "fixed"));
        expect(doing(steps)).toEqual(["create Container fixed"]);
        expect(idOf("fixed")).toBe(before);
        await up("");
      });

      test("deletedWith asks nothing of a host that goes too", async () => {
        await up(web('name: "gone"', "{ deletedWith: host }", "gone"));
        expect((await engine.destroy()).errors).toEqual([]);
        expect(await host.names()).toEqual(["gone"]);
        await host.docker.docker("rm", "-f", "gone");
      });

      test("customTimeouts end an operation, and its beginning is taken back", async () => {
        const slow = 'healthcheck: { test: ["CMD", "false"], interval: "1s", startPeriod: "5m" }';
        const begun = Date.now();
        const options = '{ customTimeouts: { create: "5s" } }';
        const { errors, log } = await engine.up(host.says(web(slow, options)));
        // Polled many times, told once.
        expect(log.split("health is starting").length).toBe(2);
        expect(errors.join()).toMatch(/timeout|in time/i);
        expect(Date.now() - begun).toBeLessThan(60_000);
        // What was begun is taken back, and so the state knows nothing of it.
        expect(() => engine.of("web")).toThrow("no resource web");
        expect(await host.names()).toEqual([]);
        await up("");
      });

      test("provider uses another's settings; unknown ones ask nothing in a preview", async () => {
        const program = (user: string) => `
const other = new fairlead.Provider("other", { user: ${user}, deleteUnreachable: true });
new fairlead.Volume("data", { host, removeData: true }, { provider: other });`;
        await up(program('"deploy"'));
        const { steps } = await up(program('"root"'));
        expect(doing(steps)).toEqual([]);
        const unknown = program("host.version.apply((one) => one)");
        await up("");
        const preview = await engine.preview(host.says(unknown));
        expect(preview.errors).toEqual([]);
        expect(preview.steps).toContain("create Volume data");
      });

      test("an id is understood where a name is, and refused from another host", async () => {
        const { socket } = host.docker;
        const program = (where: string) => `
const other = new fairlead.Host("there", {
  connection: { host: "local", engine: "docker", socket: "${socket}" } });
const net = new fairlead.Network("net", { host, name: "ids-net" });
const data = new fairlead.Volume("data", { host: ${where}, name: "ids-data", removeData: true });
new fairlead.Container("ids", { ...quick, name: "ids", image: image.id,
  networks: [{ network: net.id }], mounts: [{ volume: data.id, target: "/data" }] });`;
        await up(program("host"));
        expect((await host.names()).sort()).toEqual(["ids", "ids-data", "ids-net"]);
        expect(doing((await up(program("host"))).steps)).toEqual([]);
        const refused = await engine.preview(
          host.says(`${program("host")}
new fairlead.Container("odd", { ...quick, mounts: [{ volume: "there/x", target: "/x" }] });`),
        );
        expect(refused.errors.join()).toContain("there/x is on there, and not on here");
        await up("");
      });

      test("what is wrong is told in a sentence with its place, and with no value", async () => {
        const { socket } = host.docker;
        const wrong = `new fairlead.Host("odd", { connection: {
  host: "local", socket: "${socket}", hostKey: "", password: "hush-hush", port: 70000 } });`;
        const { errors } = await engine.preview(host.says(wrong));
        const text = errors.join("\n");
        expect(text).toContain("connection.hostKey: must not be empty");
        expect(text).toContain("connection.port: must be at most 65535");
        expect(text).not.toMatch(/hush-hush|<nil>|expected string/);
      });

      test("a wrong provider setting is told with its name", async () => {
        const { errors } = await engine.up(
          host.says('new fairlead.Provider("bad", { hosts: { "web-1": { hots: "x" } } });'),
        );
        expect(errors.join()).toContain('hosts["web-1"].hots');
      });

      test("an edit that needs another container makes it in its place, safely", async () => {
        const fields = (port: number, probe: string) =>
          `name: "safe", ports: ["127.0.0.1:${port}:80"],
  healthcheck: { test: ["CMD", "${probe}"], interval: "200ms", retries: 1 }`;
        const program = (port: number, probe: string) => web(fields(port, probe), "{}", "safe");
        await up(program(18093, "true"));
        const first = idOf("safe");
        const preview = await engine.preview(host.says(program(18094, "true")));
        expect(preview.errors).toEqual([]);
        expect(doing(preview.steps)).toEqual(["update Container safe"]);
        expect(preview.diffs.safe?.detail).toEqual({ "ports[0]": "update" });
        const { steps } = await up(program(18094, "true"));
        expect(doing(steps)).toEqual(["update Container safe"]);
        const second = idOf("safe");
        expect(second).not.toBe(first);
        expect(engine.of("safe").outputs.replacement).toMatch(/^start-first .*: ports$/);

        const before = engine.of("safe");
        const { errors } = await engine.up(host.says(program(18095, "false")));
        expect(errors.join()).toContain("is unhealthy");
        expect(engine.of("safe")).toMatchObject({ inputs: before.inputs, initErrors: [] });
        expect(idOf("safe")).toBe(second);
        expect(await host.names()).toEqual(["safe"]);
        const again = await up(program(18094, "true"));
        expect(doing(again.steps)).toEqual([]);
        await up("");
      });

      test("a name may be kept for a network whose addresses change", async () => {
        const net = (subnet: string) => `
const subnets = [{ subnet: "${subnet}" }];
const net = new fairlead.Network("net", { host, name: "fixed", subnets });
new fairlead.Container("inside", { ...quick, networks: [{ network: net, aliases: ["x"] }] });`;
        await up(net("10.231.4.0/24"));
        const before = idOf("inside");
        const { steps } = await up(net("10.231.5.0/24"));
        expect(doing(steps)).toEqual(["update Network net"]);
        expect(idOf("inside")).toBe(before);
        expect((await engine.refresh()).diffs.inside?.detail).toEqual({});
        expect((await engine.destroy()).errors).toEqual([]);
        expect(await host.names()).toEqual([]);
      });
    },
  );
}
