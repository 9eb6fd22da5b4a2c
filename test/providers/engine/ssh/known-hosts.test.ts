import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hostKeyCheck } from "../../../../providers/engine/ssh/host-key.ts";
import { fingerprintOf } from "../../../../providers/engine/ssh/known-hosts.ts";
import { makeKey } from "./sshd.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-known-"));
afterAll(() => rmSync(folder, { recursive: true }));

const publicKey = (name: string, type: string) => {
  const path = makeKey(join(folder, name), type);
  const [kind, data] = readFileSync(`${path}.pub`, "utf8").split(" ");
  return { line: `${kind} ${data}`, blob: Buffer.from(data!, "base64") };
};
const ours = publicKey("ours", "ed25519");
const other = publicKey("other", "ed25519");
const rsa = publicKey("rsa", "rsa");

function hashed(name: string): string {
  const file = join(folder, "to-hash");
  writeFileSync(file, `${name} ${ours.line}\n`);
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  return readFileSync(file, "utf8");
}

const policy = { name: "h", lookup: "host.example", knownHostsFiles: [], acceptNew: false };

interface Case {
  title: string;
  lines: string;
  lookup?: string;
  key?: Buffer;
  refused?: RegExp;
}

const cases: Case[] = [
  { title: "a plain name", lines: `host.example ${ours.line}` },
  { title: "a name in other case", lines: `HOST.Example ${ours.line}` },
  { title: "one of several names", lines: `other,host.example,10.0.0.1 ${ours.line}` },
  { title: "a pattern", lines: `*.exam?le ${ours.line}` },
  { title: "a hashed name", lines: hashed("host.example") },
  { title: "a port", lookup: "[host.example]:2222", lines: `[host.example]:2222 ${ours.line}` },
  { title: "a hashed port", lookup: "[h]:2222", lines: hashed("[h]:2222") },
  { title: "junk beside it", lines: `# c\n\nhost.example\nx y z\nhost.example ${ours.line} me@x` },
  { title: "several kinds", lines: `host.example ${rsa.line}\nhost.example ${ours.line}` },
  { title: "an unknown host", lines: `elsewhere ${ours.line}`, refused: /not known yet.*SHA256:/ },
  {
    title: "a name that is excluded",
    lines: `*,!host.example ${ours.line}`,
    refused: /not known yet/,
  },
  {
    title: "another port",
    lookup: "[host.example]:2222",
    lines: `host.example ${ours.line}`,
    refused: /not known yet/,
  },
  {
    title: "a changed key",
    lines: `host.example ${other.line}`,
    refused: /NOT THE ONE WE KNOW.*knownHosts:1/,
  },
  {
    title: "a changed kind of key",
    lines: `host.example ${rsa.line}`,
    refused: /NOT THE ONE WE KNOW/,
  },
  {
    title: "a revoked key",
    lines: `host.example ${ours.line}\n@revoked * ${ours.line}`,
    refused: /revoked/,
  },
  {
    title: "a certificate authority",
    lines: `@cert-authority *.example ${other.line}`,
    refused: /certificate authority/,
  },
];

describe("a host's key against known_hosts", () => {
  for (const { title, lines, lookup, key, refused } of cases) {
    test(`${title} is ${refused ? "refused" : "accepted"}`, () => {
      const check = hostKeyCheck({
        ...policy,
        lookup: lookup ?? policy.lookup,
        knownHostsText: lines,
        hashNames: false,
      });
      const verdict = check.verify(key ?? ours.blob);
      if (refused) {
        expect(verdict?.message).toMatch(refused);
        expect(verdict?.reason).toBe("host_key");
        expect(verdict?.hint).toBeTruthy();
      } else expect(verdict).toBeUndefined();
    });
  }

  test("the kinds of key that are written down are asked for first", () => {
    const check = hostKeyCheck({
      ...policy,
      knownHostsText: `host.example ${rsa.line}`,
      hashNames: false,
    });
    expect(check.algorithms[0]!.slice(0, 2)).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(check.algorithms[0]).toContain("ssh-ed25519");
  });

  for (const hashNames of [false, true]) {
    test(`a new key is written down ${hashNames ? "hashed" : "plainly"}, once`, () => {
      const file = join(folder, `new-${hashNames}/known_hosts`);
      const accepting = { ...policy, knownHostsFiles: [file], acceptNew: true, hashNames };
      expect(hostKeyCheck(accepting).verify(ours.blob)).toBeUndefined();
      expect(hostKeyCheck({ ...accepting, acceptNew: false }).verify(ours.blob)).toBeUndefined();
      expect(hostKeyCheck(accepting).verify(other.blob)?.message).toMatch(/NOT THE ONE/);
      expect(readFileSync(file, "utf8").startsWith(hashNames ? "|1|" : "host.example ")).toBe(true);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    });
  }

  test("a line is added after one without a line break", () => {
    const file = join(folder, "ragged");
    writeFileSync(file, `elsewhere ${other.line}`);
    const accepting = { ...policy, knownHostsFiles: [file], acceptNew: true, hashNames: false };
    expect(hostKeyCheck(accepting).verify(ours.blob)).toBeUndefined();
    expect(readFileSync(file, "utf8")).toBe(`elsewhere ${other.line}\nhost.example ${ours.line}\n`);
  });

  test("a pinned key is compared alone, as a line or a fingerprint", () => {
    const pins = [ours.line, `host ${ours.line} comment`, fingerprintOf(ours.blob)];
    for (const pinned of pins) {
      const check = hostKeyCheck({ ...policy, pinned, hashNames: false });
      expect(check.verify(ours.blob)).toBeUndefined();
      expect(check.verify(other.blob)?.message).toMatch(/NOT THE ONE.*pinned/);
    }
    const junk = { ...policy, pinned: "ssh-ed25519 AAAA", hashNames: false };
    expect(() => hostKeyCheck(junk)).toThrow(/cannot be read/);
  });
});
