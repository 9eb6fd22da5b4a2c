// A client for one repository of a registry, by the OCI distribution specification (pull side).
import { FairleadError } from "../../resources/model/errors.ts";
import type { Reference } from "../../resources/model/reference.ts";
import type { BlobPart } from "./blob-store.ts";
import { digestOf, show } from "./digest.ts";
import { MANIFEST_BYTES, MEDIA } from "./manifest.ts";
import {
  basicHeader,
  type Credentials,
  readChallenge,
  readToken,
  tokenRequest,
} from "./registry-auth.ts";
import {
  isInsecureHost,
  type Response,
  readBody,
  Transport,
  type TransportOptions,
} from "./registry-transport.ts";

export interface RegistryOptions {
  credentials?: Credentials;
  /** Hosts that may use plain http, beside the loopback. */
  insecureRegistries?: readonly string[];
  signal?: AbortSignal;
  transport?: Omit<TransportOptions, "insecure">;
}

export interface FetchedManifest {
  bytes: Buffer;
  digest: string;
}

const ACCEPT = [MEDIA.manifest, MEDIA.index, MEDIA.dockerManifest, MEDIA.dockerIndex].join(", ");
const TOKEN_BYTES = 256 * 1024;
const ERROR_BYTES = 16 * 1024;

export class Repository {
  readonly #reference: Pick<Reference, "domain" | "path">;
  readonly #options: RegistryOptions;
  readonly #insecure: boolean;
  readonly transport: Transport;
  #base: Promise<URL> | undefined;
  #authorization: string | undefined;

  constructor(reference: Pick<Reference, "domain" | "path">, options: RegistryOptions = {}) {
    this.#reference = reference;
    this.#options = options;
    this.#insecure = isInsecureHost(reference.domain, options.insecureRegistries);
    this.transport = new Transport({ insecure: this.#insecure, ...options.transport });
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** Succeeds when the registry takes the credentials; nothing is kept of them. */
  async login(): Promise<void> {
    const base = await this.#locate();
    let response = await this.#send(base, {});
    if (response.statusCode === 401) {
      await this.#authenticate(response, base);
      response = await this.#send(base, {});
    }
    if (response.statusCode !== 200) throw await this.#refused(response, "/v2/");
    await response.body.dump();
  }

  /** The manifest or index under a tag or digest, with its digest checked. */
  async manifest(tagOrDigest: string): Promise<FetchedManifest> {
    const response = await this.#get(`manifests/${tagOrDigest}`, { accept: ACCEPT });
    if (response.statusCode !== 200) throw await this.#refused(response, tagOrDigest);
    const bytes = await readBody(response, MANIFEST_BYTES);
    const digest = digestOf(bytes);
    const named = tagOrDigest.includes(":") ? tagOrDigest : undefined;
    const wanted = named ?? textOf(response.headers["docker-content-digest"]) ?? digest;
    if (wanted !== digest) {
      throw new FairleadError("invalid", `digest mismatch: wanted ${show(wanted)}, got ${digest}`);
    }
    return { bytes, digest };
  }

  /** Every tag of the repository; a list of over 1000 is refused. */
  async tags(): Promise<string[]> {
    const found: string[] = [];
    let page: string | undefined = "tags/list?n=200";
    while (page !== undefined) {
      const response = await this.#get(page, {});
      if (response.statusCode !== 200) throw await this.#refused(response, "tags");
      const list: unknown = JSON.parse((await readBody(response, MANIFEST_BYTES)).toString())?.tags;
      const tags = Array.isArray(list) ? list.filter((tag) => /^\w[\w.-]{0,127}$/.test(tag)) : [];
      found.push(...tags);
      if (found.length > 1000)
        throw new FairleadError("invalid", "the repository has over 1000 tags");
      const more = /rel="?next"?/.test(textOf(response.headers.link) ?? "");
      page = more && tags.length > 0 ? `tags/list?n=200&last=${found.at(-1)}` : undefined;
    }
    return found;
  }

  /** A blob from `offset` on; a registry that cannot resume gives it from the start. */
  async blob(digest: string, offset: number): Promise<BlobPart> {
    const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    let response = await this.#get(`blobs/${digest}`, range);
    if (response.statusCode === 416) {
      await response.body.dump();
      response = await this.#get(`blobs/${digest}`, {});
    }
    if (response.statusCode === 206) {
      const start = /^bytes (\d+)-/.exec(textOf(response.headers["content-range"]) ?? "")?.[1];
      if (Number(start) === offset) return { stream: response.body, offset };
      response.body.destroy();
      throw new FairleadError("unavailable", `${this.#host()} answers with the wrong range`);
    }
    if (response.statusCode !== 200) throw await this.#refused(response, digest);
    return { stream: response.body, offset: 0 };
  }

  #host(): string {
    return show(this.#reference.domain);
  }

  async #get(path: string, headers: Record<string, string>): Promise<Response> {
    const base = await this.#locate();
    const url = new URL(`${this.#reference.path}/${path}`, base);
    const first = await this.#send(url, headers);
    if (first.statusCode !== 401 || this.#options.credentials?.registryToken !== undefined) {
      return first;
    }
    // Once: a registry that refuses a fresh token means it.
    await this.#authenticate(first, base);
    return this.#send(url, headers);
  }

  #send(url: URL, headers: Record<string, string>): Promise<Response> {
    const { credentials, signal } = this.#options;
    const token = credentials?.registryToken;
    const authorization = token === undefined ? this.#authorization : `Bearer ${token}`;
    return this.transport.send({
      url,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #authenticate(response: Response, base: URL): Promise<void> {
    const challenge = readChallenge(response.headers["www-authenticate"]);
    await response.body.dump();
    const credentials = this.#options.credentials ?? {};
    if (challenge === undefined) {
      throw new FairleadError("forbidden", `${this.#host()} asks for an unknown authentication`);
    }
    if (challenge.scheme === "basic") {
      if (credentials.username === undefined) throw this.#denied();
      this.#authorization = basicHeader(credentials);
      return;
    }
    const { path } = this.#reference;
    const scope = path === "" ? "" : `repository:${path}:pull`;
    const ask = tokenRequest(challenge, credentials, scope, base);
    const { signal } = this.#options;
    const answer = await this.transport.send({
      ...ask,
      ...(signal === undefined ? {} : { signal }),
    });
    const body = await readBody(answer, TOKEN_BYTES);
    if (answer.statusCode === 401 || answer.statusCode === 403) throw this.#denied();
    if (answer.statusCode !== 200) {
      throw new FairleadError(
        "unavailable",
        `the token server ${show(ask.url.host)} answered ${answer.statusCode}`,
      );
    }
    this.#authorization = `Bearer ${readToken(body)}`;
  }

  #denied(): FairleadError {
    const { path } = this.#reference;
    return new FairleadError(
      "forbidden",
      path === ""
        ? `${this.#host()} refused the login`
        : `pull access denied for ${path} at ${this.#host()}`,
      path === ""
        ? { hint: "check the user name and the password" }
        : { hint: "log in to the registry, or check that the repository exists" },
    );
  }

  /** https first; hosts that may be insecure fall back to http, as Docker does. */
  #locate(): Promise<URL> {
    this.#base ??= this.#probe();
    return this.#base;
  }

  async #probe(): Promise<URL> {
    const { domain } = this.#reference;
    const host = domain === "docker.io" ? "registry-1.docker.io" : domain;
    const secure = new URL(`https://${host}/v2/`);
    if (!this.#insecure) return secure;
    const answers = await this.transport.answers(secure, this.#options.signal);
    return answers ? secure : new URL(`http://${host}/v2/`);
  }

  async #refused(response: Response, what: string): Promise<FairleadError> {
    const reason = readReason(await readBody(response, ERROR_BYTES).catch(() => Buffer.alloc(0)));
    const name = `${this.#reference.path} ${what}`;
    switch (response.statusCode) {
      case 401:
      case 403:
        return this.#denied();
      case 404:
        return new FairleadError("not_found", `${name} is not known at ${this.#host()}${reason}`);
      case 429:
        return new FairleadError("unavailable", `${this.#host()} limits requests${reason}`, {
          hint: "wait, or log in to the registry",
        });
      default:
        return new FairleadError(
          "unavailable",
          `${this.#host()} answered ${response.statusCode} for ${name}${reason}`,
        );
    }
  }
}

function readReason(body: Buffer): string {
  try {
    const first = JSON.parse(body.toString("utf8")).errors?.[0];
    const text = first?.message ?? first?.code;
    return typeof text === "string" && text !== "" ? `: ${show(text)}` : "";
  } catch {
    return "";
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
