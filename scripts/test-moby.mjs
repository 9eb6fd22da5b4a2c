// Runs moby's own integration tests of containers against our agent (test/moby):
// `npm run test:moby -- [TEST...]`. It needs root, Go, and the network for the first build.
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const outfile = "build/moby/main.mjs";
mkdirSync("build/moby", { recursive: true });
await build({
  entryPoints: ["test/moby/main.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  outfile,
  logLevel: "warning",
});
const { main } = await import(pathToFileURL(outfile).href);
process.exit(await main(process.argv.slice(2)));
