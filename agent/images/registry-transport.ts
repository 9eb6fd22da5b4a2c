// HTTP towards registries: TLS or plain by host, redirects, retries. It knows nothing of images.
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import type { Dispatcher, request } from "undici";
import { FairleadError } from "../../resources/model/errors.ts";
import { show } from "./digest.ts";

interface Client {
  agent: Dispatcher;
  request: typeof request;
}

export type Response = Dispatcher.ResponseData;

export interface Ask {
  url: URL;
  method?: "GET" | "HEAD" | "POST";
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

export interface TransportOptions {
  /** Plain http and unverified TLS are accepted; see isInsecureHost. */
  insecure: boolean;
  /** Longest wait between bytes. */
  idleTimeoutMs?: number;
  /** First pause before a retry; doubles each time. */
  retryDelayMs?: number;
}

const ATTEMPTS = 5;
const REDIRECTS = 5;
const LONGEST_PAUSE_MS = 30_000;

/** Docker's rule: the loopback is insecure, everything else is not unless it is configured. */
export function isInsecureHost(host: string, configured: readonly string[] = []): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return (
    name === "localhost" ||
    name === "::1" ||
    /^127(\.\d{1,3}){3}$/.test(name) ||
    configured.includes(host) ||
    configured.includes(name)
  );
}

export class Transport {
  readonly #options: Required<TransportOptions>;
  #client: Promise<Client> | undefined;

  constructor(options: TransportOptions) {
    this.#options = { idleTimeoutMs: 60_000, retryDelayMs: 500, ...options };
  }

  async close(): Promise<void> {
    await (await this.#client)?.agent.destroy();
  }

  /** Sends a request; follows redirects, tries again what may pass. Any status can come back. */
  async send(ask: Ask): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      let outcome: Response | Error;
      try {
        outcome = await this.#follow(ask);
      } catch (error) {
        outcome = error as Error;
      }
      ask.signal?.throwIfAborted();
      if (attempt >= ATTEMPTS || !mayPass(outcome)) {
        if (outcome instanceof Error) throw asUnreachable(outcome, ask.url);
        return outcome;
      }
      await this.pause(attempt, outcome, ask.signal);
    }
  }

  /** Whether anything answers there at all, tried once. */
  async answers(url: URL, signal?: AbortSignal): Promise<boolean> {
    try {
      const options = signal === undefined ? {} : { signal };
      const { request, agent } = await this.#open();
      const response = await request(url, { dispatcher: agent, ...options });
      await response.body.dump();
      return true;
    } catch {
      signal?.throwIfAborted();
      return false;
    }
  }

  /** Waits before another attempt: longer each time, never in step with others. */
  async pause(attempt: number, outcome?: Response | Error, signal?: AbortSignal): Promise<void> {
    let pauseMs = this.#options.retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random());
    if (outcome !== undefined && !(outcome instanceof Error)) {
      const asked = Number(outcome.headers["retry-after"]);
      if (Number.isFinite(asked) && asked > 0) pauseMs = asked * 1000;
      await outcome.body.dump().catch(() => undefined);
    }
    const options = signal === undefined ? {} : { signal };
    await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), undefined, options);
  }

  async #follow(ask: Ask): Promise<Response> {
    const { request, agent } = await this.#open();
    let url = ask.url;
    let headers = ask.headers ?? {};
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const response = await request(url, {
        dispatcher: agent,
        method: ask.method ?? "GET",
        headers: { "user-agent": "fairlead", ...headers },
        ...(ask.body === undefined ? {} : { body: ask.body }),
        ...(ask.signal === undefined ? {} : { signal: ask.signal }),
      });
      const location = response.headers.location;
      if (response.statusCode < 301 || response.statusCode > 308 || location === undefined) {
        return response;
      }
      await response.body.dump().catch(() => undefined);
      const next = this.#target(String(location), url);
      if (next.origin !== url.origin) {
        // A registry's store has no business with the registry's token.
        headers = Object.fromEntries(
          Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
        );
      }
      url = next;
    }
    throw new FairleadError(
      "unavailable",
      `${ask.url.host} redirects more than ${REDIRECTS} times`,
    );
  }

  /** undici is loaded at the first request: an agent that never pulls does without its memory. */
  #open(): Promise<Client> {
    this.#client ??= import("undici").then(({ EnvHttpProxyAgent, request }) => {
      const agent = new EnvHttpProxyAgent({
        connect: { timeout: 20_000, ...trust(this.#options.insecure) },
        headersTimeout: this.#options.idleTimeoutMs,
        bodyTimeout: this.#options.idleTimeoutMs,
        connections: 6,
      });
      return { agent, request };
    });
    return this.#client;
  }

  #target(location: string, from: URL): URL {
    const to = URL.parse(location, from.href);
    const downgrade = to?.protocol === "http:" && from.protocol === "https:";
    if (to === null || !/^https?:$/.test(to.protocol) || (downgrade && !this.#options.insecure)) {
      throw new FairleadError("unavailable", `${from.host} redirects to ${show(location)}`, {
        hint: "only https is followed",
      });
    }
    return to;
  }
}

/** Reads a body that must be small; `invalid` when it is longer. */
export async function readBody(response: Response, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of response.body) {
    total += chunk.length;
    if (total > limitBytes) {
      response.body.destroy();
      throw new FairleadError("invalid", `the registry sent more than ${limitBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Network failures that another attempt may not meet. */
export function isPassing(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: string; name?: string };
  if (error instanceof FairleadError) return error.code === "unavailable" && error.cause != null;
  return (
    name === "SocketError" ||
    /^(ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|UND_ERR_\w+)$/.test(code ?? "")
  );
}

function mayPass(outcome: Response | Error): boolean {
  if (outcome instanceof Error) return isPassing(outcome);
  return outcome.statusCode === 429 || outcome.statusCode >= 500;
}

function asUnreachable(error: Error, url: URL): Error {
  if (error instanceof FairleadError || error.name === "AbortError") return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  const reason = error.message === "" ? code : error.message;
  return new FairleadError("unavailable", `cannot reach ${url.host}: ${show(reason)}`, {
    hint: "check the registry's name, the host's network and its proxy settings",
    cause: error,
  });
}

/** The host's own certificates count beside Node's, where Node can read them (22.15 and newer). */
function trust(insecure: boolean): { rejectUnauthorized?: boolean; ca?: string[] } {
  if (insecure) return { rejectUnauthorized: false };
  const read = (tls as { getCACertificates?: (kind: string) => string[] }).getCACertificates;
  return read === undefined ? {} : { ca: [...tls.rootCertificates, ...read("system")] };
}
