// The known_hosts format of sshd(8): reads it, answers what is known about a host, appends a line.
// Decides nothing: host-key.ts does.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export interface KnownHost {
  /** `revoked` keys refuse a host; `authority` keys sign host certificates. */
  readonly marker: "plain" | "revoked" | "authority";
  readonly patterns: string;
  readonly keyType: string;
  readonly key: Buffer;
  /** FILE:LINE, for messages. */
  readonly source: string;
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** The entries of a file's text; lines that ssh would skip are skipped. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  if (text.length > MAX_FILE_BYTES) return entries;
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.trim().split(/\s+/);
    const marker = words[0] === "@revoked" ? "revoked" : "authority";
    const marked = words[0] === "@revoked" || words[0] === "@cert-authority";
    if (marked) words.shift();
    const [patterns, keyType, encoded] = words;
    if (!patterns || patterns.startsWith("#") || !keyType || !encoded) continue;
    const key = Buffer.from(encoded, "base64");
    if (keyTypeOf(key) !== keyType) continue;
    const source = `${file}:${index + 1}`;
    entries.push({ marker: marked ? marker : "plain", patterns, keyType, key, source });
  }
  return entries;
}

/** The entries of several files; files that cannot be read count as empty, as they do for ssh. */
export function readKnownHosts(files: readonly string[]): KnownHost[] {
  return files.flatMap((file) => {
    try {
      return parseKnownHosts(readFileSync(file, "utf8"), file);
    } catch {
      return [];
    }
  });
}

/** The name under which a host is looked up: `host`, or `[host]:port` for a port other than 22. */
export function lookupName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** The entries that speak of a host; hashed names and `*`, `?` and `!` patterns are understood. */
export function entriesFor(entries: readonly KnownHost[], name: string): KnownHost[] {
  return entries.filter((entry) => matches(entry.patterns, name));
}

/** The type that a public key in SSH's wire form names; empty when it is not one. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 5) return "";
  const length = key.readUInt32BE(0);
  return length > 64 || length + 4 > key.length ? "" : key.toString("latin1", 4, 4 + length);
}

/** `SHA256:…` as ssh prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** Adds a host to a file, which is made (0600, its folder 0700) when absent. */
export function appendKnownHost(file: string, name: string, key: Buffer, hashed: boolean): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = !existsSync(file);
  const ragged = !fresh && /[^\n]$/.test(readFileSync(file, "utf8"));
  const shown = hashed ? hashName(name) : name;
  const line = `${shown} ${keyTypeOf(key)} ${key.toString("base64")}\n`;
  appendFileSync(file, ragged ? `\n${line}` : line, { mode: 0o600 });
  if (fresh) chmodSync(file, 0o600);
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) {
    const [salt, hash] = patterns.slice(3).split("|");
    if (!salt || !hash) return false;
    const hmac = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64");
    return hmac === hash;
  }
  let found = false;
  for (const pattern of patterns.toLowerCase().split(",")) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else found ||= matchesPattern(pattern, name);
  }
  return found;
}

// Two pointers and one place to come back to: linear, so that no pattern in a file can stall us.
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      resume = index;
    } else if (pattern[at] === "?" || pattern[at] === name[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

function hashName(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}
