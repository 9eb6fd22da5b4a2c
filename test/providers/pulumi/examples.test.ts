// The examples, run as written against real hosts. The one in YAML is run with the real engine.
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab, whyNoLab } from "../../lab/lab.ts";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";

const why = whyNoLab();
if (why) console.log(`skipped: ${why}`);

describe.skipIf(why !== undefined)("the example", { timeout: 600_000 }, () => {
  let lab: Lab;
  let project: Project;

  beforeAll(async () => {
    lab = await Lab.open(2);
    project = new Project(lab);
  }, 600_000);
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  async function run(name: string, config: Record<string, string>): Promise<string[]> {
    const program = new Program();
    const engine = new TestEngine();
    try {
      cpSync(`examples/${name}`, program.folder, { recursive: true });
      program.config = {
        "lab:privateKey": lab.privateKeyPath,
        "lab:knownHosts": lab.knownHostsPath,
        "lab:rootfs": `${project.folder}/rootfs`,
        ...config,
      };
      const source = readFileSync(join(program.folder, "index.ts"), "utf8");
      program.is(transformSync(source, { loader: "ts", format: "cjs" }).code);
      const { errors, exports } = await engine.up(program);
      expect(errors).toEqual([]);
      const urls = [exports.url ?? exports.urls].flatMap((one) => Object.values([one].flat()));
      const shown = urls.flatMap((one) => (typeof one === "string" ? one : Object.values(one!)));
      const pages = await Promise.all(
        shown.map(async (url) => (await fetch(`${url}/index.html`)).text()),
      );
      expect((await engine.destroy()).errors).toEqual([]);
      return pages;
    } finally {
      program.remove();
    }
  }
  const PAGE = expect.stringContaining("Hello from fairlead");
  const address = (name: string) => lab.host(name).address;

  test("of one host serves its page", async () => {
    const pages = await run("pulumi-typescript", { "lab:address": address("h1") });
    expect(pages).toEqual([PAGE]);
  });

  test("of a fleet serves it on every host", async () => {
    const addresses = JSON.stringify([address("h1"), address("h2")]);
    expect(await run("pulumi-fleet", { "lab:addresses": addresses })).toEqual([PAGE, PAGE]);
  });

  test("of a Compose stack serves it", async () => {
    expect(await run("pulumi-compose", { "lab:address": address("h1") })).toEqual([PAGE]);
  });
});
