// Finds the real pulumi command for the tests, or builds it from its Go modules into the user's
// cache (some ten minutes, once), and runs the tests with it. Language hosts have no released
// module; the tests bring their own for Node.js.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

const VERSION = "v3.259.0";
const FOLDER = join(homedir(), ".cache/fairlead-pulumi/build");
const COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const CLIPBOARD = "github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e";
// `go install` refuses modules with replacements, so a module of ours has the same ones.
const MODULE = `module example.invalid/pulumi-cli

go 1.25.11

tool ${COMMAND}

require (
	github.com/pulumi/pulumi/pkg/v3 ${VERSION}
	github.com/pulumi/pulumi/sdk/v3 ${VERSION}
)

replace github.com/atotto/clipboard => ${CLIPBOARD}
`;

const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "pulumi"));
const isThere = [...paths, join(FOLDER, "bin/pulumi")].some((path) => existsSync(path));
if (!isThere) buildPulumi();
const env = { ...process.env, FAIRLEAD_TEST_PULUMI: "1" };
const tests = ["vitest", "run", "test/providers/pulumi/cli"];
execFileSync("npx", tests, { env, stdio: "inherit" });

function buildPulumi() {
  console.log(`Building pulumi ${VERSION} in ${FOLDER}; this takes a while.`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "go.mod"), MODULE);
  const go = (...args) => execFileSync("go", args, { cwd: FOLDER, stdio: "inherit" });
  go("mod", "tidy");
  const stamp = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${VERSION}`;
  const flags = ["-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", `-s -w -X ${stamp}`];
  go("build", ...flags, "-o", "bin/", COMMAND);
}
