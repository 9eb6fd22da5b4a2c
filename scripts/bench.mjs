// Runs the benchmarks of test/bench, the main ones or those named: `npm run bench -- noop run`, and
// with fewer runs a median: `npm run bench:runtime -- --rounds 20`.
import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

// Without names the first three: the others need tools of their own and have scripts of their own.
const all = [
  ...["run", "noop", "cold", "runtime", "pulumi", "terraform", "recover", "down", "stacks"],
  "images",
];
const { values, positionals: wanted } = parseArgs({
  options: { rounds: { type: "string" }, only: { type: "string" } },
  allowPositionals: true,
});
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`unknown benchmark ${unknown.join(", ")}; there are ${all.join(", ")}`);
  process.exit(2);
}
mkdirSync("build/bench", { recursive: true });
for (const name of wanted.length > 0 ? wanted : all.slice(0, 3)) {
  const outfile = `build/bench/${name}.mjs`;
  await build({
    entryPoints: [`test/bench/${name}.ts`],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile,
    logLevel: "warning",
  });
  const { bench } = await import(pathToFileURL(outfile).href);
  await bench({
    ...(values.rounds && { rounds: Number(values.rounds) }),
    ...(values.only && { names: values.only.split(",") }),
  });
}
