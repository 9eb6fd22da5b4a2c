// Finds the real pulumi command for the tests: on the path, else by the npm package pulumi, else
// built from its Go modules into the user's cache (some ten minutes on an idle machine, once).
// Then runs the tests with it. Language hosts for Node.js and Python have no released module; the
// tests bring their own.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const VERSION = "v3.259.0";
const CACHE = join(homedir(), ".cache/fairlead-pulumi");
const BUILT = join(CACHE, "build");
const CLIPBOARD = "github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e";
const FLAGS = ["-trimpath", "-tags", "osusergo,grpcnotrace"];
// The host for YAML lags behind: it has a module of its own with the versions that it was made for.
const PARTS = {
  build: {
    tool: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    require: `github.com/pulumi/pulumi/pkg/v3 ${VERSION}`,
  },
  yaml: {
    tool: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    require: "github.com/pulumi/pulumi-yaml v1.25.0",
  },
};

const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "pulumi"));
const known = [...paths, join(BUILT, "bin/pulumi"), join(CACHE, "npm/bin/pulumi")];
if (!known.some((path) => existsSync(path)) && !fromNpm()) {
  buildPart("build");
  buildCodegen();
}
if (existsSync(join(BUILT, "bin/pulumi")) && !existsSync(join(BUILT, "bin/pulumi-language-yaml"))) {
  buildPart("yaml");
}
const env = { ...process.env, FAIRLEAD_TEST_PULUMI: "1" };
const tests = ["vitest", "run", "test/providers/pulumi/cli", ...process.argv.slice(2)];
execFileSync("npx", tests, { env, stdio: "inherit" });

// The package fetches the release when it is installed; where that is not allowed there is nothing.
function fromNpm() {
  const prefix = join(CACHE, "npm");
  mkdirSync(join(prefix, "bin"), { recursive: true });
  try {
    const install = ["install", "--prefix", prefix, "--no-audit", "--no-fund", "pulumi"];
    execFileSync("npm", install, { stdio: "ignore", timeout: 300_000 });
    const command = join(prefix, "node_modules/.bin/pulumi");
    execFileSync(command, ["version"], { stdio: "ignore", timeout: 300_000 });
    writeFileSync(join(prefix, "bin/pulumi"), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

// `go install` refuses modules with replacements, so a module of ours has the same ones.
function buildPart(name) {
  const { tool, require } = PARTS[name];
  const folder = join(CACHE, name);
  console.log(`Building ${tool} in ${folder}; this takes a while.`);
  mkdirSync(folder, { recursive: true });
  const lines = ["module example.invalid/pulumi", "go 1.25.11", `tool ${tool}`];
  lines.push(`require ${require}`, `replace github.com/atotto/clipboard => ${CLIPBOARD}`, "");
  writeFileSync(join(folder, "go.mod"), lines.join("\n"));
  go(folder, "mod", "tidy");
  const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSION}`;
  go(folder, "build", ...FLAGS, "-ldflags", `-s -w -X ${stamp}`, "-o", `${BUILT}/bin/`, tool);
}

function buildCodegen() {
  cpSync("test/providers/pulumi/cli/codegen", join(BUILT, "codegen"), { recursive: true });
  go(BUILT, "mod", "tidy");
  go(BUILT, "build", ...FLAGS, "-o", "bin/", "./codegen");
}

function go(cwd, ...args) {
  execFileSync("go", args, { cwd, stdio: "inherit" });
}
