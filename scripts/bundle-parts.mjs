// Packs what a host needs into dist/bundle/PLATFORM: content-addressed gzip parts and a manifest.
// A part that has not changed is taken from .cache, since packing Node takes seconds.
import { createHash } from "node:crypto";
import {
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
import { nodeRuntime } from "./node-runtime.mjs";

const CACHE = ".cache/bundle";

/**
 * Writes dist/bundle/PLATFORM/{manifest.json,parts/SHA256.gz} for every platform, given with the
 * folder of its native parts. A bundle of another platform goes, since it would be of older code.
 */
export function bundleParts(natives) {
  mkdirSync("dist/bundle", { recursive: true });
  for (const platform of readdirSync("dist/bundle")) {
    if (!(platform in natives)) rmSync(`dist/bundle/${platform}`, { recursive: true });
  }
  for (const [platform, native] of Object.entries(natives)) bundlePlatform(platform, native);
}

function bundlePlatform(platform, native) {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const folder = `dist/bundle/${platform}`;
  mkdirSync(`${folder}/parts`, { recursive: true });
  mkdirSync(CACHE, { recursive: true });
  const sources = {
    node: nodeRuntime(platform),
    "agent.cjs": "dist/agent/agent.cjs",
    "fairlead.node": `${native}/fairlead.node`,
    "fairlead-runtime": `${native}/fairlead-runtime`,
  };
  const parts = Object.entries(sources).map(([name, path]) => pack(name, path, folder));
  const lines = parts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  const digest = createHash("sha256").update(lines).digest("hex");
  const drivers = JSON.parse(readFileSync("dist/agent/drivers.json", "utf8"));
  const manifest = { format: 1, platform, version, digest, drivers, parts };
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
