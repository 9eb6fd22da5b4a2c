// Builds everything into dist/: native parts, the agent bundle, the library and the command. With
// --all-platforms hosts on arm64 get theirs too, which needs `scripts/setup.sh pack`.
import { execFileSync } from "node:child_process";
import { buildCdk } from "./build-cdk.mjs";
import { bundleAgent } from "./bundle-agent.mjs";
import { bundleClient } from "./bundle-client.mjs";
import { bundleParts } from "./bundle-parts.mjs";
import { bundlePulumi } from "./bundle-pulumi.mjs";
import { bundleTerraform } from "./bundle-terraform.mjs";

const [flag, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (flag !== undefined && flag !== "--all-platforms")) {
  console.error("usage: build.mjs [--all-platforms]");
  process.exit(2);
}
if (flag !== undefined && process.arch !== "x64") {
  console.error("bundles for all platforms are built on x64");
  process.exit(1);
}
const make = (...args) =>
  execFileSync("make", ["-s", "-C", "agent/native", "-j2", ...args], { stdio: "inherit" });
make();
const natives = { [`linux-${process.arch}`]: "agent/native/build" };
if (flag !== undefined) {
  execFileSync("bash", ["scripts/arm64-libraries.sh", ".cache/arm64"], { stdio: "inherit" });
  make("TARGET=arm64");
  natives["linux-arm64"] = "agent/native/build/arm64";
}
await bundleAgent();
bundleParts(natives);
await bundleClient();
await bundleTerraform();
await bundlePulumi();
buildCdk();
const tsc = "node_modules/typescript/bin/tsc";
execFileSync(process.execPath, [tsc, "-p", "scripts/tsconfig.types.json"], { stdio: "inherit" });
