// Bundles the command into dist/fairlead.js and the library into dist/index.js, with everything
// they need; native parts of ssh2 stay optional, it has its own code for what they do.
import { chmodSync, readFileSync } from "node:fs";
import { build } from "esbuild";

/** Writes dist/fairlead.js and dist/index.js. */
export async function bundleClient() {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const entries = { fairlead: "providers/compose/main.ts", index: "providers/index.ts" };
  await build({
    entryPoints: entries,
    outdir: "dist",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    minifySyntax: true,
    keepNames: true,
    legalComments: "none",
    external: ["*.node", "cpu-features"],
    define: { FAIRLEAD_VERSION: JSON.stringify(version) },
    // Packages in CommonJS look for require and their folder, which modules lack.
    banner: {
      js: [
        'import { createRequire as requireFrom } from "node:module";',
        "const require = requireFrom(import.meta.url), __dirname = import.meta.dirname;",
      ].join("\n"),
    },
    logLevel: "warning",
  });
  chmodSync("dist/fairlead.js", 0o755);
}
