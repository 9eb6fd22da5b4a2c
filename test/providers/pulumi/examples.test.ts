// The examples, run as written against a real host.
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { Project } from "../../e2e/project.ts";
import { Lab, whyNoLab } from "../../lab/lab.ts";
import { TestEngine } from "./engine/engine.ts";
import { Program } from "./engine/program.ts";

const why = whyNoLab();
if (why) console.log(`skipped: ${why}`);

test.skipIf(why !== undefined)(
  "the TypeScript example serves its page",
  async () => {
    const lab = await Lab.open(1);
    const project = new Project(lab);
    const program = new Program();
    const engine = new TestEngine();
    try {
      program.config = {
        "lab:address": lab.host("h1").address,
        "lab:privateKey": lab.privateKeyPath,
        "lab:knownHosts": lab.knownHostsPath,
        "lab:rootfs": `${project.folder}/rootfs`,
      };
      const source = readFileSync("examples/pulumi-typescript/index.ts", "utf8");
      program.is(transformSync(source, { loader: "ts", format: "cjs" }).code);
      const { errors, exports } = await engine.up(program);
      expect(errors).toEqual([]);
      const page = await fetch(`${exports.url}/index.html`);
      expect(await page.text()).toContain("Hello from fairlead");
      expect((await engine.destroy()).errors).toEqual([]);
    } finally {
      program.remove();
      project.remove();
      await lab.close();
    }
  },
  240_000,
);
