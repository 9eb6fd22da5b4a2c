// Bundles the command into dist/fairlead.js and the library into dist/index.js, with everything
// they need.
import { chmodSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { connecting } from "./bundle-settings.mjs";

/** Writes fairlead.js and index.js to a folder. */
export async function bundleClient(outdir = "dist") {
  rmSync(`${outdir}/chunks`, { recursive: true, force: true });
  await build({
    ...connecting,
    entryPoints: { fairlead: "providers/cli/main.ts", index: "providers/index.ts" },
    outdir,
    // The code of a command is loaded when it runs.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  });
  chmodSync(`${outdir}/fairlead.js`, 0o755);
}
