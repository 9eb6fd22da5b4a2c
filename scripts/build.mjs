// Builds everything into dist/: native parts, the agent bundle, the library and the command.
import { execFileSync } from "node:child_process";
import { buildCdk } from "./build-cdk.mjs";
import { bundleAgent } from "./bundle-agent.mjs";
import { bundleClient } from "./bundle-client.mjs";
import { bundleParts } from "./bundle-parts.mjs";
import { bundlePulumi } from "./bundle-pulumi.mjs";
import { bundleTerraform } from "./bundle-terraform.mjs";

execFileSync("make", ["-s", "-C", "agent/native", "-j2"], { stdio: "inherit" });
await bundleAgent();
bundleParts();
await bundleClient();
await bundleTerraform();
await bundlePulumi();
buildCdk();
const tsc = "node_modules/typescript/bin/tsc";
execFileSync(process.execPath, [tsc, "-p", "scripts/tsconfig.types.json"], { stdio: "inherit" });
