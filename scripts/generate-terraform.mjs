// Writes what is generated from the provider's attributes: the classes of the CDKTF bindings.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const FOLDER = "providers/terraform/cdk/bindings";
const bundle = resolve("dist/generate-terraform.cjs");

await build({
  entryPoints: ["providers/terraform/cdk/generate.ts"],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "cjs",
  logLevel: "error",
  external: ["cpu-features", "*.node"],
});
const { default: generator } = await import(pathToFileURL(bundle).href);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const [name, text] of Object.entries(generator.generate())) {
  writeFileSync(`${FOLDER}/${name}`, text);
}
rmSync(bundle);
