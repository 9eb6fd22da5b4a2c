// Bundles the Terraform provider into dist/terraform-provider: a launcher, the handshake, and the
// service that is loaded by it when the first request needs it. Nothing in it is machine-specific.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build } from "esbuild";

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
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync(FOLDER, { recursive: true });
  const settings = {
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
    define: {
      FAIRLEAD_VERSION: JSON.stringify(version),
      "import.meta.url": "FAIRLEAD_BUNDLE_URL",
    },
    banner: { js: 'const FAIRLEAD_BUNDLE_URL=require("node:url").pathToFileURL(__filename).href;' },
    // ssh2 takes these when they are there; its own code serves without.
    external: ["cpu-features", "*.node"],
  };
  await build({
    ...settings,
    entryPoints: ["providers/terraform/main.ts"],
    outfile: `${FOLDER}/provider.cjs`,
    plugins: [serviceApart],
  });
  await build({
    ...settings,
    entryPoints: ["providers/terraform/service.ts"],
    outfile: `${FOLDER}/service.cjs`,
  });
  writeFileSync(`${FOLDER}/terraform-provider-fairlead`, SHELL);
  chmodSync(`${FOLDER}/terraform-provider-fairlead`, 0o755);
  writeFileSync(`${FOLDER}/terraform-provider-fairlead.cmd`, WINDOWS);
  // A project with "type": "module" above the folder must not change how these are read.
  writeFileSync(`${FOLDER}/package.json`, '{"type":"commonjs"}\n');
  const { schemaBytes } = createRequire(import.meta.url)(resolve(FOLDER, "service.cjs"));
  writeFileSync(`${FOLDER}/schema.bin`, schemaBytes());
}

const serviceApart = {
  name: "service-apart",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/service\.ts$/ }, () => ({
      path: "./service.cjs",
      external: true,
    }));
  },
};
