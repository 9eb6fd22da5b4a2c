// Bundles Pulumi's side into dist/: the plugin as one file with its starters, and the SDK with its
// types, both from the one catalog of resources.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { common, connecting } from "./bundle-settings.mjs";

const STARTER = `#!/bin/sh
# Starts the provider beside it, in the Node.js that is on the path.
self=$(readlink -f "$0" 2>/dev/null || echo "$0")
exec node "\${self%/*}/pulumi-provider.mjs" "$@"
`;
const WINDOWS_STARTER = '@node "%~dp0pulumi-provider.mjs" %*\r\n';

/** Writes the plugin, the SDK and the schema to a folder. */
export async function bundlePulumi(outdir = "dist") {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const { packageSchema, declarations } = await catalog();
  const schema = packageSchema(version);
  await build({
    ...connecting,
    // Of every function it would cost a call at the start.
    keepNames: false,
    entryPoints: ["providers/pulumi/plugin/main.ts"],
    outfile: join(outdir, "pulumi-provider.mjs"),
  });
  // Programs are CommonJS as often as modules; this form serves both.
  await build({
    ...common,
    keepNames: true,
    entryPoints: ["providers/pulumi/sdk/index.ts"],
    outfile: join(outdir, "pulumi.cjs"),
    format: "cjs",
    external: ["@pulumi/pulumi"],
    define: { ...common.define, FAIRLEAD_PULUMI_RESOURCES: JSON.stringify(tables(schema)) },
  });
  writeFileSync(join(outdir, "pulumi.d.cts"), declarations());
  writeFileSync(join(outdir, "pulumi.d.ts"), declarations());
  writeFileSync(join(outdir, "pulumi-schema.json"), `${JSON.stringify(schema, null, 1)}\n`);
  writeFileSync(join(outdir, "pulumi-resource-fairlead"), STARTER);
  chmodSync(join(outdir, "pulumi-resource-fairlead"), 0o755);
  writeFileSync(join(outdir, "pulumi-resource-fairlead.cmd"), WINDOWS_STARTER);
}

async function catalog() {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-catalog-"));
  try {
    const outfile = join(folder, "catalog.mjs");
    const entryPoints = ["providers/pulumi/schema/built.ts"];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm" });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the SDK needs of the schema: names, and which of them are secret. */
function tables({ resources }) {
  const flags = (properties) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, { secret }]) => [name, secret ? { secret } : {}]),
    );
  return Object.fromEntries(
    Object.entries(resources).map(([token, one]) => [
      token.split(":")[2],
      {
        inputProperties: flags(one.inputProperties),
        properties: flags(one.properties),
        requiredInputs: one.requiredInputs,
      },
    ]),
  );
}
