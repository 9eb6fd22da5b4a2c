// Decides whether the key that a host presents is the key of that host. Refuses by default: an
// unknown host is a question to the user, a changed key an alarm.
import { FairleadError } from "../../../resources/model/errors.ts";
import { ConnectionError } from "./connection-error.ts";
import {
  appendKnownHost,
  entriesFor,
  fingerprintOf,
  type KnownHost,
  keyTypeOf,
  parseKnownHosts,
  readKnownHosts,
} from "./known-hosts.ts";

/** What a hop's key is checked against. */
export interface HostKeyPolicy {
  /** The name for messages. */
  readonly name: string;
  /** The name looked up in known_hosts, such as `host` or `[host]:2222`. */
  readonly lookup: string;
  /** `SHA256:…`, an OpenSSH public key line, or absent: known_hosts decides. */
  readonly pinned?: string | undefined;
  /** Lines given as a value instead of files. */
  readonly knownHostsText?: string | undefined;
  readonly knownHostsFiles: readonly string[];
  /** Whether an unknown host's key is taken and written down; a changed key never is. */
  readonly acceptNew: boolean;
  /** Whether a name that is written down is hashed. */
  readonly hashNames: boolean;
}

/** The algorithms to ask for and the verdict on the key that comes. */
export interface HostKeyCheck {
  /** Lists to try in turn: a fingerprint does not tell which of a host's keys it belongs to. */
  readonly algorithms: readonly (readonly string[])[];
  /** Returns nothing when the key is right; the reason when it is not. */
  verify(key: Buffer): ConnectionError | undefined;
}

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Prepares the check of one hop; `invalid` when the pinned key cannot be read. */
export function hostKeyCheck(policy: HostKeyPolicy): HostKeyCheck {
  if (policy.pinned !== undefined) return pinnedCheck(policy, policy.pinned.trim());
  const all =
    policy.knownHostsText === undefined
      ? readKnownHosts(policy.knownHostsFiles)
      : parseKnownHosts(policy.knownHostsText, "knownHosts");
  const entries = entriesFor(all, policy.lookup);
  const known = entries.filter((entry) => entry.marker === "plain").map((entry) => entry.keyType);
  // As ssh does: ask first for the kinds of key that are written down for this host.
  const order = [...new Set([...known, ...Object.keys(ALGORITHMS)])];
  return {
    algorithms: [order.flatMap((type) => ALGORITHMS[type] ?? [])],
    verify: (key) => judge(policy, entries, key),
  };
}

function pinnedCheck(policy: HostKeyPolicy, pinned: string): HostKeyCheck {
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(pinned)) {
    const wanted = pinned.replace(/=$/, "");
    return {
      algorithms: Object.values(ALGORITHMS),
      verify: (key) => (fingerprintOf(key) === wanted ? undefined : changed(policy, key, wanted)),
    };
  }
  const words = pinned.split(/\s+/);
  const at = words.findIndex((word) => word in ALGORITHMS);
  const key = at < 0 ? undefined : Buffer.from(words[at + 1] ?? "", "base64");
  if (key === undefined || keyTypeOf(key) !== words[at]) {
    throw new FairleadError("invalid", `${policy.name}: hostKey cannot be read`, {
      path: "hostKey",
      hint: "give the line of `ssh-keyscan HOST`, or `SHA256:` and the fingerprint",
    });
  }
  return {
    algorithms: [ALGORITHMS[keyTypeOf(key)]!],
    verify: (seen) => (seen.equals(key) ? undefined : changed(policy, seen, fingerprintOf(key))),
  };
}

function judge(
  policy: HostKeyPolicy,
  entries: readonly KnownHost[],
  key: Buffer,
): ConnectionError | undefined {
  const same = entries.filter((entry) => entry.key.equals(key));
  const revoked = same.find((entry) => entry.marker === "revoked");
  if (revoked) {
    return new ConnectionError(
      "host_key",
      `${policy.name}: the host's key ${fingerprintOf(key)} is revoked (${revoked.source})`,
      { path: policy.name, hint: "do not connect; the host needs a new key" },
    );
  }
  if (same.some((entry) => entry.marker === "plain")) return undefined;
  const other = entries.find((entry) => entry.marker === "plain");
  if (other) return changed(policy, key, fingerprintOf(other.key), other.source);
  const authority = entries.find((entry) => entry.marker === "authority");
  if (authority) return needsCertificate(policy, key, authority);
  if (!policy.acceptNew) return unknown(policy, key);
  const file = policy.knownHostsFiles[0];
  if (file !== undefined) appendKnownHost(file, policy.lookup, key, policy.hashNames);
  return undefined;
}

function changed(
  policy: HostKeyPolicy,
  key: Buffer,
  wanted: string,
  source = "the pinned hostKey",
) {
  return new ConnectionError(
    "host_key",
    `${policy.name}: THE HOST'S KEY IS NOT THE ONE WE KNOW. It shows ${keyTypeOf(key)} ` +
      `${fingerprintOf(key)}, expected is ${wanted} (${source}). Someone may be listening in.`,
    {
      path: policy.name,
      hint: `if the host was made anew: ssh-keygen -R '${policy.lookup}', or set its new hostKey`,
    },
  );
}

function unknown(policy: HostKeyPolicy, key: Buffer): ConnectionError {
  return new ConnectionError(
    "host_key",
    `${policy.name}: the host is not known yet; its ${keyTypeOf(key)} key has the fingerprint ` +
      fingerprintOf(key),
    {
      path: policy.name,
      hint: "compare it with the host's, then run again with --accept-new-host-key, or set hostKey",
    },
  );
}

function needsCertificate(policy: HostKeyPolicy, key: Buffer, entry: KnownHost): ConnectionError {
  return new ConnectionError(
    "host_key",
    `${policy.name}: known only by a certificate authority (${entry.source}), and host ` +
      "certificates cannot be verified",
    {
      path: policy.name,
      hint: `add the host's own key to known_hosts, or set hostKey to ${fingerprintOf(key)}`,
    },
  );
}
