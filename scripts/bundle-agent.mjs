// Bundles the agent's code into dist/agent/agent.cjs; the native parts stay beside it.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Writes dist/agent/{agent.cjs,drivers.json,fairlead-runtime,fairlead.node}. */
export async function bundleAgent() {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  mkdirSync("dist/agent", { recursive: true });
  await build({
    entryPoints: ["agent/main.ts"],
    outfile: "dist/agent/agent.cjs",
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: "none",
    define: {
      FAIRLEAD_VERSION: JSON.stringify(version),
      "import.meta.url": "FAIRLEAD_BUNDLE_URL",
    },
    // esbuild leaves import.meta.url empty in CommonJS, where __filename says the same.
    banner: { js: 'const FAIRLEAD_BUNDLE_URL=require("node:url").pathToFileURL(__filename).href;' },
  });
  await writeDrivers();
  for (const part of ["fairlead-runtime", "fairlead.node"]) {
    // A binary that runs cannot be written to, but it can be replaced.
    copyFileSync(`agent/native/build/${part}`, `dist/agent/${part}.new`);
    renameSync(`dist/agent/${part}.new`, `dist/agent/${part}`);
  }
}

// What a client knows of the agent's drivers before there is an agent.
async function writeDrivers() {
  const outfile = "dist/agent/drivers.mjs";
  await build({
    entryPoints: ["agent/driver-facts.ts"],
    ...{ outfile, bundle: true, platform: "node", format: "esm" },
  });
  const { driverFacts } = await import(`${pathToFileURL(resolve(outfile))}?at=${Date.now()}`);
  writeFileSync("dist/agent/drivers.json", `${JSON.stringify(driverFacts(), null, 2)}\n`);
  rmSync(outfile);
}
