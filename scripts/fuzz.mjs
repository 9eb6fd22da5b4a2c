// Fuzzes every parser: `npm run fuzz -- [MINUTES [NAME…]]`, ten minutes each by default. The native
// ones run under libFuzzer with sanitizers, guided by coverage; those in TypeScript by the tests.
// Inputs that were found to be of interest stay in .cache/fuzz, so that a later run goes on there.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const CORPUS = ".cache/fuzz";
const [minutesText = "10", ...wanted] = process.argv.slice(2);
const seconds = Math.round(Number(minutesText) * 60);
if (!(seconds > 0)) {
  console.error("usage: npm run fuzz -- [MINUTES [NAME…]]");
  process.exit(2);
}
execFileSync("make", ["-s", "-C", "agent/native", "fuzz", "-j2"], { stdio: "inherit" });
mkdirSync(CORPUS, { recursive: true });
const seeds = resolve(CORPUS, "seeds.mjs");
await build({
  entryPoints: ["test/fuzz/seeds.ts"],
  outfile: seeds,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
const targets = await (await import(pathToFileURL(seeds).href)).writeSeeds(CORPUS);
const list = ["vitest", "list", "test/fuzz/parsers.test.ts", "--json"];
const tests = JSON.parse(execFileSync("npx", list, { encoding: "utf8" }));
// "… > image manifests gives a value or an error of ours": the name is what comes before the verb.
const parsers = tests.map(
  ({ name }) =>
    name
      .split(" > ")
      .at(-1)
      .split(/ (gives|ends) /)[0],
);
const names = [...targets, ...parsers];
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no target ${unknown.join(", ")}; there are:\n${names.join("\n")}`);
  process.exit(2);
}
const queue = names.filter((name) => wanted.length === 0 || wanted.includes(name));
const failed = [];
const workers = Array.from({ length: availableParallelism() }, async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const [code, lines] = await (targets.includes(name) ? native(name) : parser(name));
    if (code !== 0) failed.push(name);
    const last = code === 0 ? lines.filter((line) => /Done \d+ runs|Tests /.test(line)) : lines;
    console.log(`${name}: ${code === 0 ? "nothing found" : "FOUND"}\n  ${last.join("\n  ")}`);
  }
});
await Promise.all(workers);
process.exitCode = failed.length > 0 ? 1 : 0;

function native(name) {
  const corpus = resolve(CORPUS, name);
  // The unpacker's process sees its corpus below an empty root.
  const folder = name === "archive" ? "/corpus" : corpus;
  const args = [
    folder,
    `-max_total_time=${seconds}`,
    "-timeout=10",
    "-rss_limit_mb=1024",
    "-max_len=65536",
    "-print_final_stats=1",
    `-artifact_prefix=${folder}/`,
  ];
  // Looking for leaks takes a /proc, which an archive must not be able to write to.
  const leaks = name === "archive" ? { ASAN_OPTIONS: "detect_leaks=0" } : {};
  const env = { ...leaks, FAIRLEAD_FUZZ_TARGET: name, FAIRLEAD_FUZZ_CORPUS: corpus };
  return run(resolve("agent/native/build/fuzz/fairlead-fuzz"), args, env);
}

function parser(name) {
  const seed = String(Date.now() % 1e6);
  const env = { FAIRLEAD_FUZZ_SECONDS: String(seconds), FAIRLEAD_FUZZ_SEED: seed };
  return run(
    "npx",
    ["vitest", "run", "test/fuzz/parsers.test.ts", "-t", `of ${name} |${name} ends`],
    env,
  );
}

/** The exit code and the last lines. */
function run(command, args, env) {
  return new Promise((done) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        text = (text + chunk).slice(-20_000);
      });
    }
    child.on("error", (error) => done([1, [error.message]]));
    child.on("close", (code) => done([code ?? 1, text.trim().split("\n").slice(-60)]));
  });
}
