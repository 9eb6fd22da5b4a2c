// Bundles the Terraform provider into dist/terraform-provider: a launcher, the handshake, and the
// service that is loaded by it when the first request needs it. Nothing in it is machine-specific.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { common, connecting } from "./bundle-settings.mjs";

const FOLDER = "dist/terraform-provider";
const SHELL = `#!/bin/sh
# Starts the provider with Node; FAIRLEAD_NODE names another one than that on the PATH.
here=$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")
node=\${FAIRLEAD_NODE:-node}
if ! command -v "$node" >/dev/null 2>&1; then
  echo "The fairlead provider needs Node 20.19 or newer on the PATH, or in FAIRLEAD_NODE." >&2
  exit 1
fi
exec "$node" "$here/provider.cjs" "$@"
`;
const WINDOWS = [
  "@echo off",
  'if "%FAIRLEAD_NODE%"=="" set FAIRLEAD_NODE=node',
  '"%FAIRLEAD_NODE%" "%~dp0provider.cjs" %*',
  "",
].join("\r\n");

/** Writes dist/terraform-provider. */
export async function bundleTerraform() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await build({
    ...common,
    entryPoints: ["providers/terraform/main.ts"],
    outfile: `${FOLDER}/provider.cjs`,
    format: "cjs",
    define: { ...common.define, "import.meta.url": "FAIRLEAD_BUNDLE_URL" },
    banner: { js: 'const FAIRLEAD_BUNDLE_URL=require("node:url").pathToFileURL(__filename).href;' },
    plugins: [serviceApart],
  });
  await build({
    ...connecting,
    entryPoints: { service: "providers/terraform/service.ts" },
    outdir: FOLDER,
    outExtension: { ".js": ".mjs" },
    // A process that only validates needs neither SSH nor Compose files.
    splitting: true,
    chunkNames: "[name]-[hash]",
  });
  writeFileSync(`${FOLDER}/terraform-provider-fairlead`, SHELL);
  chmodSync(`${FOLDER}/terraform-provider-fairlead`, 0o755);
  writeFileSync(`${FOLDER}/terraform-provider-fairlead.cmd`, WINDOWS);
  const { schemaBytes } = await import(pathToFileURL(resolve(FOLDER, "service.mjs")).href);
  writeFileSync(`${FOLDER}/schema.bin`, schemaBytes());
}

const serviceApart = {
  name: "service-apart",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/service\.ts$/ }, () => ({
      path: "./service.mjs",
      external: true,
    }));
  },
};
