// Image references: Docker's grammar (github.com/distribution/reference) and its normal form.
// Imports nothing of the project but errors; both the client and the agent use it.
import { FairleadError } from "./errors.ts";

/** An image reference in Docker's normal form. */
export interface Reference {
  /** Registry host with its port; `docker.io` when none was written. */
  domain: string;
  /** Repository path inside the registry, `library/` added for official images. */
  path: string;
  /** Absent when only a digest was written. */
  tag?: string;
  /** `sha256:…` when pinned. */
  digest?: string;
}

const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const DOMAIN_ONLY = new RegExp(`^${DOMAIN}$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST_LENGTHS: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };
const LONGEST = 1024;

/**
 * Parses a reference as `docker pull` does; a name without tag and digest gets the tag `latest`.
 * Throws `invalid` with the reason.
 */
export function parseReference(text: string): Reference {
  if (text === "") throw refuse(text, "it is empty");
  if (text.length > LONGEST) throw refuse(`${text.slice(0, 60)}…`, `longer than ${LONGEST}`);
  if (/^[a-f0-9]{64}$/.test(text))
    throw refuse(text, "64 hexadecimal digits are an id, not a name");
  const [named, digest] = splitDigest(text);
  const { domain, rest } = splitDomain(named);
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (path !== path.toLowerCase()) throw refuse(text, "the repository name must be lowercase");
  if (!DOMAIN_ONLY.test(domain)) throw refuse(text, "the registry host is malformed");
  if (!REPOSITORY.test(path)) throw refuse(text, "the repository name is malformed");
  if (path.length > 255) throw refuse(text, "the repository name is longer than 255 characters");
  if (tag !== undefined && !TAG.test(tag)) throw refuse(text, "the tag is malformed");
  const reference: Reference = { domain, path };
  if (tag !== undefined) reference.tag = tag;
  else if (digest === undefined) reference.tag = "latest";
  if (digest !== undefined) reference.digest = digest;
  return reference;
}

/** The full form, `docker.io/library/nginx:1.27` or `host:5000/app@sha256:…`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.domain}/${reference.path}${tag}${digest}`;
}

/** The form Docker shows: `nginx:1.27` for `docker.io/library/nginx:1.27`. */
export function familiarReference(reference: Reference): string {
  const full = formatReference(reference);
  if (reference.domain !== "docker.io") return full;
  const bare = full.slice("docker.io/".length);
  const official = bare.startsWith("library/") && !bare.slice("library/".length).includes("/");
  return official ? bare.slice("library/".length) : bare;
}

/** The full form of what a person wrote; two spellings of one image give the same text. */
export function normalizeReference(text: string): string {
  return formatReference(parseReference(text));
}

/** True for `sha256:` and 64 hexadecimal digits, or the longer algorithms. */
export function isDigest(text: string): boolean {
  const colon = text.indexOf(":");
  const length = DIGEST_LENGTHS[text.slice(0, Math.max(colon, 0))];
  const hex = text.slice(colon + 1);
  return length !== undefined && hex.length === length && /^[a-f0-9]+$/.test(hex);
}

function splitDigest(text: string): [named: string, digest: string | undefined] {
  const at = text.indexOf("@");
  if (at < 0) return [text, undefined];
  const digest = text.slice(at + 1);
  if (!isDigest(digest)) throw refuse(text, "the digest is malformed");
  return [text.slice(0, at), digest];
}

// The first part is a registry when it could not be a path component: it has a dot, a colon or a
// capital letter, or is `localhost` (splitDockerDomain in distribution/reference).
function splitDomain(named: string): { domain: string; rest: string } {
  const slash = named.indexOf("/");
  const first = named.slice(0, Math.max(slash, 0));
  const registry =
    slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = registry ? first : "docker.io";
  const rest = registry ? named.slice(slash + 1) : named;
  if (domain !== "docker.io" && domain !== "index.docker.io") return { domain, rest };
  return { domain: "docker.io", rest: rest.includes("/") ? rest : `library/${rest}` };
}

function refuse(text: string, reason: string): FairleadError {
  const shown = JSON.stringify(text);
  return new FairleadError("invalid", `${shown} is not an image reference: ${reason}`, {
    hint: "Write NAME, NAME:TAG, HOST/NAME:TAG or NAME@sha256:DIGEST.",
  });
}

/** `sha256:1a2b3c4d5e6f`: enough of an id for a person. */
export function shortId(id: string): string {
  return id.replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]*$/, "$1$2");
}
