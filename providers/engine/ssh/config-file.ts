// Reads OpenSSH's client configuration the way ssh does: includes, patterns, first value wins.
// Knows the files; what the values mean for a connection is decided in route.ts.
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import SSHConfig, { glob } from "ssh-config";
import { FairleadError } from "../../../resources/model/errors.ts";

/** The settings that apply to one host, by lower-case keyword. */
export type HostSettings = Readonly<Record<string, string | readonly string[]>>;

// ssh_config(5) of OpenSSH stops at 16 levels as well.
const MAX_DEPTH = 16;

/** Settings for `host` from the user's file and then the system's; none where a file is absent. */
export function settingsFor(
  host: string,
  user: string | undefined,
  files: readonly string[] = [join(homedir(), ".ssh/config"), "/etc/ssh/ssh_config"],
): HostSettings {
  const merged: Record<string, string | string[]> = {};
  for (const file of files) {
    const config = load(file, dirname(file), 0);
    // `Match exec` would run commands of the file through a shell; ssh-config's way of doing that
    // is not POSIX, so such sections never apply.
    const options = { ignoreCase: true, matchExec: false };
    const found = config.compute(user === undefined ? { Host: host } : { Host: host, User: user }, {
      ...options,
    });
    for (const [key, value] of Object.entries(found)) {
      if (key === "identityfile" || key === "certificatefile") {
        merged[key] = [...[merged[key] ?? []].flat(), ...[value].flat()];
      } else merged[key] ??= value;
    }
  }
  return merged;
}

/** The first value of a setting. */
export function first(settings: HostSettings, key: string): string | undefined {
  const value = settings[key];
  return typeof value === "string" ? value : value?.[0];
}

/** `~` and the tokens of ssh_config(5) that name paths: %d home, %h host, %r user, %p port, %%. */
export function expandPath(path: string, tokens: Readonly<Record<string, string>> = {}): string {
  const all: Record<string, string> = { d: homedir(), "%": "%", ...tokens };
  const expanded = path.replace(/%([A-Za-z%])/g, (whole, letter: string) => all[letter] ?? whole);
  return expanded === "~" || expanded.startsWith("~/") ? homedir() + expanded.slice(1) : expanded;
}

function load(file: string, base: string, depth: number): SSHConfig {
  if (depth > MAX_DEPTH) {
    throw new FairleadError("invalid", `${file}: Include goes deeper than ${MAX_DEPTH} files`);
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return new SSHConfig();
  }
  return includeInto(SSHConfig.parse(text), base, depth);
}

function includeInto(config: SSHConfig, base: string, depth: number): SSHConfig {
  const lines = new SSHConfig();
  for (const line of config) {
    if (!("param" in line)) continue;
    if ("config" in line) {
      line.config = includeInto(line.config, base, depth);
      lines.push(line);
    } else if (line.param.toLowerCase() === "include") {
      const patterns = typeof line.value === "string" ? [line.value] : line.value.map((v) => v.val);
      for (const file of patterns.flatMap((pattern) => filesOf(pattern, base))) {
        for (const included of load(file, base, depth + 1)) lines.push(included);
      }
    } else lines.push(line);
  }
  return lines;
}

function filesOf(pattern: string, base: string): string[] {
  const path = expandPath(pattern);
  const full = isAbsolute(path) ? path : join(base, path);
  if (!/[*?]/.test(basename(full))) return [full];
  try {
    const names = readdirSync(dirname(full)).filter((name) => glob(basename(full), name));
    return names.sort().map((name) => join(dirname(full), name));
  } catch {
    return [];
  }
}
