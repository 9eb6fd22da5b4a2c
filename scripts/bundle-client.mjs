// Bundles the command into dist/fairlead.js and the library into dist/index.js, with everything
// they need; native parts of ssh2 stay optional, it has its own code for what they do.
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

/** Writes fairlead.js and index.js to a folder. */
export async function bundleClient(outdir = "dist") {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  rmSync(`${outdir}/chunks`, { recursive: true, force: true });
  const entries = { fairlead: "providers/cli/main.ts", index: "providers/index.ts" };
  await build({
    entryPoints: entries,
    outdir,
    bundle: true,
    // The code of a command is loaded when it runs.
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    target: "node20",
    format: "esm",
    minifySyntax: true,
    minifyWhitespace: true,
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
  chmodSync(`${outdir}/fairlead.js`, 0o755);
}
