// Runs the public OCI validation suite (test/oci): `npm run test:oci -- [PROGRAM...]`.
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const outfile = "build/oci/main.mjs";
mkdirSync("build/oci", { recursive: true });
await build({
  entryPoints: ["test/oci/main.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  outfile,
  logLevel: "warning",
});
const { main } = await import(pathToFileURL(outfile).href);
process.exit(await main(process.argv.slice(2)));
