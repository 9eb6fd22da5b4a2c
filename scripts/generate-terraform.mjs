// Writes what is generated from the provider's attributes: the classes of the CDKTF bindings, and
// the pages of the docs.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

await write("providers/terraform/cdk/generate.ts", "generate", "providers/terraform/cdk/bindings");
await write("providers/terraform/docs/pages.ts", "docs", "docs/terraform");

async function write(generator, name, folder) {
  const bundle = resolve(`dist/${name}-terraform.cjs`);
  await build({
    entryPoints: [generator],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
    external: ["cpu-features", "*.node"],
  });
  const { default: made } = await import(pathToFileURL(bundle).href);
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(made[name]())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  rmSync(bundle);
}
