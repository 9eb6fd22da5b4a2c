// Builds Compose's own loader and runs it over ../cases: records what it resolves, or with --check
// compares that with what is recorded. Needs Go and, once, the Go module proxy.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const cases = join(here, "../cases");
const check = process.argv.includes("--check");
const only = process.argv.slice(2).filter((name) => !name.startsWith("--"));
const folder = mkdtempSync(join(tmpdir(), "compose-reference-"));
try {
  const binary = join(folder, "reference");
  execFileSync("go", ["build", "-o", binary, "."], { cwd: here, stdio: "inherit" });
  let different = 0;
  const names = readdirSync(cases).filter((name) => only.length === 0 || only.includes(name));
  for (const name of names.sort()) {
    for (const [file, text] of Object.entries(outputs(binary, join(cases, name)))) {
      const path = join(cases, name, file);
      const recorded = existsSync(path) ? readFileSync(path, "utf8") : undefined;
      // Which of several errors comes first is chance in Go: that there is one is what counts.
      const isError = file === "expected.error" && recorded !== undefined && text !== undefined;
      if (recorded === text || isError) continue;
      different += 1;
      if (!check && text === undefined) rmSync(path);
      else if (!check) writeFileSync(path, text);
      console.log(`${check ? "differs" : "recorded"}: ${name}/${file}`);
    }
  }
  console.log(`${names.length} cases, ${different} files ${check ? "differ" : "changed"}`);
  if (check && different > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** The files that hold what the reference makes of a case: its model twice, or its error. */
function outputs(binary, directory) {
  const file = join(directory, "case.json");
  const given = existsSync(file) ? JSON.parse(readFileSync(file)) : {};
  const { args = [], env = {}, cwd = "." } = given;
  // Refused by fairlead only: there is nothing to equal.
  if (given.differs !== undefined) return {};
  const run = (format) =>
    spawnSync(binary, ["-format", format, ...args.map(goFlag)], {
      cwd: join(directory, cwd),
      env: { HOME: "/home/someone", PATH: "/usr/bin:/bin", ...env },
      encoding: "utf8",
    });
  const marked = (text) =>
    text.replaceAll(directory, "<CASE>").replaceAll(dirname(directory), "<CASES>");
  const yaml = run("yaml");
  if (yaml.status !== 0) {
    const error = marked(yaml.stderr)
      .split("\n")
      .filter((line) => !line.startsWith("time="))
      .join("\n");
    return { "expected.yaml": undefined, "expected.json": undefined, "expected.error": error };
  }
  return {
    "expected.yaml": marked(yaml.stdout),
    "expected.json": marked(run("json").stdout),
    "expected.error": undefined,
  };
}

function goFlag(argument) {
  return argument.replace(/^--?/, "-");
}
