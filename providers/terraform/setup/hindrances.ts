// What keeps terraform from using the provider that was installed: settings, other copies, lock
// files. Reads only; each finding is one sentence and what to do.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { cliConfiguration, SOURCE, userPlugins } from "./place.ts";

const LOCK_FILE = ".terraform.lock.hcl";

/** Everything that hides a version in a plugin folder, seen from the current folder. */
export function hindrances(plugins: string, version: string, built: string): string[] {
  return [
    ...fromSettings(plugins),
    ...fromEnvironment(version, built),
    ...fromOthers(plugins, version, built),
    ...fromLockFile(version, built),
  ];
}

/** Terraform's own checksum of a provider's folder: names and contents, no modes (h1). */
export function checksum(folder: string): string {
  const lines = readdirSync(folder)
    .sort()
    .map((name) => {
      const hash = createHash("sha256").update(readFileSync(join(folder, name)));
      return `${hash.digest("hex")}  ${name}\n`;
    });
  return `h1:${createHash("sha256").update(lines.join("")).digest("base64")}`;
}

function fromSettings(plugins: string): string[] {
  const { path, text, installation } = cliConfiguration();
  if (/dev_overrides\s*\{/.test(text) && text.includes(SOURCE)) {
    return [`${path} has dev_overrides for it: what is installed is not used`];
  }
  if (!installation || text.includes(plugins)) return [];
  return [
    `${path} has a provider_installation block, so plugin folders are not looked into; ` +
      `add a filesystem_mirror with path = ${JSON.stringify(plugins)} to it`,
  ];
}

function fromEnvironment(version: string, built: string): string[] {
  const found: string[] = [];
  if (process.env.TF_REATTACH_PROVIDERS?.includes(SOURCE)) {
    found.push("TF_REATTACH_PROVIDERS names it: a process that runs already is used instead");
  }
  const { text } = cliConfiguration();
  const [, configured] = /^\s*plugin_cache_dir\s*=\s*"([^"]+)"/m.exec(text) ?? [];
  const cache = process.env.TF_PLUGIN_CACHE_DIR ?? configured;
  if (cache === undefined) return found;
  const place = join(cache, ...SOURCE.split("/"), version);
  for (const platform of existing(place)) {
    if (same(join(place, platform), built)) continue;
    found.push(`the plugin cache has other bytes of ${version}: remove ${place}`);
  }
  return found;
}

// Terraform looks into all of these and takes the newest version; of one version, the first.
function fromOthers(plugins: string, version: string, built: string): string[] {
  const shared = (process.env.XDG_DATA_DIRS ?? "/usr/local/share:/usr/share").split(delimiter);
  const own = process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share");
  const folders = [
    resolve("terraform.d", "plugins"),
    userPlugins(),
    ...[own, ...shared].map((folder) => join(folder, "terraform", "plugins")),
  ];
  return [...new Set(folders)].flatMap((folder) => {
    const place = join(folder, ...SOURCE.split("/"));
    return existing(place).flatMap((other) => {
      if (newer(other, version)) {
        return [`${join(place, other)} is newer: terraform takes it unless a version is required`];
      }
      if (other !== version || folder === plugins) return [];
      const differs = existing(join(place, other)).some(
        (platform) => !same(join(place, other, platform), built),
      );
      return differs ? [`${join(place, other)} has other bytes of this version: remove it`] : [];
    });
  });
}

function fromLockFile(version: string, built: string): string[] {
  const found: string[] = [];
  if (existsSync(join(".terraform", "plugin_path"))) {
    found.push("this folder was initialized with -plugin-dir: run terraform init without it");
  }
  const text = existsSync(LOCK_FILE) ? readFileSync(LOCK_FILE, "utf8") : "";
  const start = text.indexOf(`provider "${SOURCE}"`);
  if (start < 0) return found;
  const block = text.slice(start, text.indexOf("\n}", start));
  const [, locked] = /version\s*=\s*"([^"]+)"/.exec(block) ?? [];
  if (locked !== version) {
    found.push(`${LOCK_FILE} of this folder has version ${locked}: terraform init -upgrade`);
  } else if (!block.includes(checksum(built))) {
    found.push(`${LOCK_FILE} of this folder has another checksum: delete its entry, then init`);
  }
  return found;
}

function same(folder: string, built: string): boolean {
  return existsSync(folder) && checksum(folder) === checksum(built);
}

function existing(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}

function newer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split(/[.-]/).map(Number));
  const at = a!.findIndex((part, index) => part !== b![index]);
  return at >= 0 && (a![at] ?? 0) > (b![at] ?? 0);
}
