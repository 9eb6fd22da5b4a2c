// Packs what a host needs into dist/bundle/PLATFORM: content-addressed gzip parts and a manifest.
// A part that has not changed is taken from .cache, since packing Node takes seconds.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { gzipSync } from "node:zlib";

const CACHE = ".cache/bundle";
const PLATFORM = "linux-x64";

/** Writes dist/bundle/linux-x64/{manifest.json,parts/SHA256.gz} from dist/agent and Node. */
export function bundleParts() {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const folder = `dist/bundle/${PLATFORM}`;
  mkdirSync(`${folder}/parts`, { recursive: true });
  mkdirSync(CACHE, { recursive: true });
  const sources = {
    node: strippedNode(),
    "agent.cjs": "dist/agent/agent.cjs",
    "fairlead.node": "dist/agent/fairlead.node",
    "fairlead-runtime": "dist/agent/fairlead-runtime",
  };
  const parts = Object.entries(sources).map(([name, path]) => pack(name, path, folder));
  const lines = parts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  const digest = createHash("sha256").update(lines).digest("hex");
  const manifest = { format: 1, platform: PLATFORM, version, digest, parts };
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  const wanted = new Set(parts.map(({ sha256 }) => `${sha256}.gz`));
  for (const name of readdirSync(`${folder}/parts`)) {
    if (!wanted.has(name)) rmSync(`${folder}/parts/${name}`);
  }
}

function pack(name, path, folder) {
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const target = `${folder}/parts/${sha256}.gz`;
  const cached = `${CACHE}/${sha256}.gz`;
  if (!existsSync(cached)) {
    writeFileSync(`${cached}.new`, gzipSync(bytes));
    renameSync(`${cached}.new`, cached);
  }
  if (!existsSync(target)) copyFileSync(cached, target);
  return { name, sha256, size: bytes.length, gzSize: statSync(target).size };
}

/** The path of a Node binary without debugging symbols; as it came where `strip` is absent. */
function strippedNode() {
  const source = `node_modules/node-${PLATFORM}/bin/node`;
  const { version } = JSON.parse(
    readFileSync(`node_modules/node-${PLATFORM}/package.json`, "utf8"),
  );
  const stripped = `${CACHE}/node-${PLATFORM}-${version}`;
  if (existsSync(stripped)) return stripped;
  try {
    copyFileSync(source, `${stripped}.new`);
    chmodSync(`${stripped}.new`, 0o755);
    execFileSync("strip", ["--strip-all", `${stripped}.new`]);
    // Node finds its own symbols for addons in the dynamic table, which strip keeps; make sure.
    execFileSync(`${stripped}.new`, ["-e", "new Intl.DateTimeFormat(); require('node:crypto')"]);
    renameSync(`${stripped}.new`, stripped);
    return stripped;
  } catch {
    rmSync(`${stripped}.new`, { force: true });
    return source;
  }
}
