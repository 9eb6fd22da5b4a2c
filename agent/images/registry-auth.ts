// Credentials and tokens of a registry: Basic, and the distribution token protocol.
// Secrets stay in these objects; no message ever has them.
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "./digest.ts";

/** What a client sends in X-Registry-Auth (Docker Engine API, "Authentication"). */
export interface Credentials {
  username?: string;
  password?: string;
  /** An OAuth2 refresh token. */
  identityToken?: string;
  /** A bearer token for the registry itself. */
  registryToken?: string;
}

export interface Challenge {
  scheme: "basic" | "bearer";
  parameters: Record<string, string>;
}

/** A request for a token, as a value; the transport sends it. */
export interface TokenRequest {
  url: URL;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** The registry of a server address as `docker login` sends it. */
export function registryOf(serverAddress: string): string {
  const host = serverAddress.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  if (host === "" || host === "index.docker.io") return "docker.io";
  if (/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/.test(host)) return host;
  throw new FairleadError("invalid", `serveraddress: ${show(serverAddress)} is not a registry`);
}

/** Reads X-Registry-Auth: base64url of JSON; an absent or empty header means no credentials. */
export function readCredentials(header: string | undefined): Credentials {
  if (header === undefined || header === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, "base64").toString("utf8"));
  } catch {
    throw new FairleadError("invalid", "the X-Registry-Auth header is not base64url of JSON");
  }
  const fields = (typeof value === "object" && value !== null ? value : {}) as object;
  const lower = new Map(Object.entries(fields).map(([key, text]) => [key.toLowerCase(), text]));
  const text = (key: string) => {
    const found = lower.get(key);
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  const [authUser, ...authPassword] = Buffer.from(text("auth") ?? "", "base64")
    .toString("utf8")
    .split(":");
  const username = text("username") ?? (authUser === "" ? undefined : authUser);
  const password = text("password") ?? (authPassword.length > 0 ? authPassword.join(":") : "");
  const identityToken = text("identitytoken");
  const registryToken = text("registrytoken");
  return {
    ...(username === undefined ? {} : { username, password }),
    ...(identityToken === undefined ? {} : { identityToken }),
    ...(registryToken === undefined ? {} : { registryToken }),
  };
}

/** Reads WWW-Authenticate (RFC 9110, 11.6.1); prefers Bearer where a registry offers both. */
export function readChallenge(header: string | string[] | undefined): Challenge | undefined {
  const text = (Array.isArray(header) ? header.join(", ") : (header ?? "")).slice(0, 8192);
  const found: Challenge[] = [];
  const token = /\b(basic|bearer)\b(?=\s|$|,)|([a-z_]+)="((?:[^"\\]|\\.)*)"|([a-z_]+)=([^\s",]+)/gi;
  for (const [, scheme, quotedKey, quoted, bareKey, bare] of text.matchAll(token)) {
    if (scheme !== undefined) {
      found.push({ scheme: scheme.toLowerCase() as Challenge["scheme"], parameters: {} });
      continue;
    }
    const parameters = found.at(-1)?.parameters;
    const key = (quotedKey ?? bareKey ?? "").toLowerCase();
    if (parameters !== undefined) parameters[key] = quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "";
  }
  return found.find(({ scheme }) => scheme === "bearer") ?? found[0];
}

export function basicHeader({ username = "", password = "" }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** The request that gets a token; `forbidden` when it would send secrets in the clear. */
export function tokenRequest(
  challenge: Challenge,
  credentials: Credentials,
  scope: string,
  registry: URL,
): TokenRequest {
  const realm = readRealm(challenge.parameters.realm, registry);
  const service = challenge.parameters.service ?? "";
  if (credentials.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      service,
      scope,
      client_id: "fairlead",
      refresh_token: credentials.identityToken,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { url: realm, method: "POST", headers, body: form.toString() };
  }
  const url = new URL(realm);
  if (service !== "") url.searchParams.set("service", service);
  if (scope !== "") url.searchParams.set("scope", scope);
  if (credentials.username === undefined) return { url, method: "GET", headers: {} };
  url.searchParams.set("account", credentials.username);
  return { url, method: "GET", headers: { authorization: basicHeader(credentials) } };
}

/** The token in an answer of the token server. */
export function readToken(body: Buffer): string {
  let value: { token?: unknown; access_token?: unknown } = {};
  try {
    value = JSON.parse(body.toString("utf8")) ?? {};
  } catch {
    // The check below says what is wrong.
  }
  const token = value.token ?? value.access_token;
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,65536}$/.test(token)) {
    throw new FairleadError("unavailable", "the registry's token server gave no usable token");
  }
  return token;
}

function readRealm(realm: string | undefined, registry: URL): URL {
  const url = URL.parse(realm ?? "");
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new FairleadError("unavailable", `the registry names no token server: ${show(realm)}`);
  }
  if (url.protocol === "http:" && registry.protocol === "https:") {
    throw new FairleadError("forbidden", `${registry.host} asks for credentials over plain http`, {
      hint: "its token server must use https",
    });
  }
  return url;
}
