// Stacks of the built constructs, for cdktf and cdktn, as the configuration they synthesize to.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build as bundle } from "esbuild";

const require = createRequire(import.meta.url);
export type Flavor = "cdktf" | "cdktn";
export const FLAVORS: Flavor[] = ["cdktf", "cdktn"];

/** Why the constructs cannot be tried; undefined when they can. */
export const unbuilt = FLAVORS.some((one) => !existsSync(`dist/${one}/index.js`))
  ? "the constructs are not built"
  : undefined;

// biome-ignore lint/suspicious/noExplicitAny: two builds of one library, chosen at run time.
function load(flavor: Flavor): { cdk: any; fairlead: any } {
  return { cdk: require(flavor), fairlead: require(resolve(`dist/${flavor}/index.js`)) };
}

export type Build = (parts: ReturnType<typeof load>, stack: never) => void;

/** The synthesized configuration of a stack called `demo`. */
export function synthesized(flavor: Flavor, build: Build): Record<string, Record<string, never>> {
  const outdir = mkdtempSync(join(tmpdir(), "fairlead-cdk-"));
  try {
    const parts = load(flavor);
    const app = new parts.cdk.App({ outdir, analyticsReporting: false });
    build(parts, new parts.cdk.TerraformStack(app, "demo") as never);
    app.synth();
    const json = JSON.parse(readFileSync(join(outdir, "stacks/demo/cdk.tf.json"), "utf8"));
    // The state would lie beside this project, not with the test.
    delete json.terraform.backend;
    return json;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The configuration that an example synthesizes to when it is run as it is written. */
export async function ofExample(name: string, env: Record<string, string>): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-example-"));
  const script = `dist/example-${name}.cjs`;
  try {
    const external = ["cdktf", "constructs", "fairlead"];
    const settings = { bundle: true, platform: "node", format: "cjs", external } as const;
    await bundle({ ...settings, entryPoints: [`examples/${name}/main.ts`], outfile: script });
    execFileSync("node", [script], { env: { ...process.env, ...env, OUTDIR: folder } });
    const json = JSON.parse(readFileSync(join(folder, "stacks/shop/cdk.tf.json"), "utf8"));
    delete json.terraform.backend;
    return json;
  } finally {
    rmSync(script, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}
