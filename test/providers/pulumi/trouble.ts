// What goes wrong on a real host: failures with their paths, import, what was removed by hand, a
// run that is cancelled or killed.
import { expect, test } from "vitest";
import { eventually } from "../../lab/shell.ts";
import type { Scenarios } from "./engine/outcome.ts";
import { onLab } from "./lab-program.ts";
import { onHost } from "./sight.ts";

const CONNECTION = 'dialErrorLimit: 1, perDialTimeout: "2s"';

/** What may go wrong under an engine; `why` it cannot be tried. */
export function tryTrouble(name: string, make: () => Promise<Scenarios>, why?: string): void {
  onLab(`trouble under ${name}`, make, why, (on) => {
    const says = (text: string) => on.says(["/bin/sleep", "1000"], text, CONNECTION);
    const container = (fields: string, options = "{}", resource = "web") =>
      `new fairlead.Container("${resource}", { host, image: app, stopGracePeriod: "1s",
  ${fields} }, ${options});`;
    const up = async (text: string) => {
      const outcome = await on.engine.up(says(text));
      expect(outcome.errors).toEqual([]);
      return outcome;
    };

    test("tells everything that is wrong, each with its path", async () => {
      const wrong =
        'ports: ["99999:80"], memory: "much", colour: "red", healthcheck: { retries: -1 }';
      const { errors } = await on.engine.preview(says(container(wrong)));
      const text = errors.join("\n");
      for (const path of ["ports[0]", "memory", "colour", "healthcheck.retries"]) {
        expect(text).toContain(path);
      }
    });

    test("refuses at preview what the agent of its bare host would not be able to do", async () => {
      const network = 'new fairlead.Network("far", { host, driver: "overlay" });';
      const log = container('logging: { driver: "splunk" }');
      const told = async (text: string) => (await on.engine.preview(says(text))).errors.join("\n");
      expect(await told(log)).toMatch(/logging\.driver.*no log driver splunk; it has json-file/);
      expect(await told(network)).toMatch(/driver.*no network driver overlay; it has bridge/);
    });

    test("removes what a killed run left when it makes the container again", async () => {
      await up(container(""));
      const left = on.engine.of("web");
      await on.engine.forget("web");
      await up(container(""));
      const there = await on.names();
      expect(there).toContain(`/${on.engine.of("web").outputs.name}`);
      expect(there).not.toContain(`/${left.outputs.name}`);
    });

    test("imports a container by host and name without a difference", async () => {
      const called = String(on.engine.of("web").outputs.name);
      await on.engine.forget("web");
      const imported = container(`name: "${called}"`, `{ import: "web-1/${called}" }`);
      expect((await up(imported)).steps).toContain("import Container web");
      expect((await up(imported)).steps).toContain("same Container web");
    });

    test("takes a container that was removed by hand for gone", async () => {
      const id = String(on.engine.of("web").outputs.containerId);
      await onHost(on.lab, "h1", (one) =>
        one.json({ method: "DELETE", path: `/containers/${id}`, query: { force: true } }),
      );
      expect((await on.engine.refresh()).steps).toContain("delete Container web");
      await up(container(""));
    });

    test("ends a hanging creation when it is cancelled", async () => {
      const probe = 'healthcheck: { test: ["CMD", "false"], startPeriod: "10m", interval: "5m" }';
      const hanging = container(`name: "hanging", ${probe}`, "{}", "hanging");
      const begun = Date.now();
      const isThere = async () => (await on.names()).includes("/hanging");
      const { errors } = await on.engine.up(says(container("") + hanging), {
        cancelWhen: () => eventually("the container is there", 60_000, isThere),
      });
      expect(errors.length).toBeGreaterThan(0);
      expect(Date.now() - begun).toBeLessThan(60_000);
      expect((await on.engine.destroy()).errors).toEqual([]);
      expect(await on.names()).toEqual([]);
    });
  });
}
