// What a route is: the server in server.ts turns requests into calls and replies into responses.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One request, with everything a handler may use. */
export interface Call {
  /** Path parameters, decoded, by the name in the pattern. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The negotiated Engine API version, such as 1.47; the newest when the path has none. */
  readonly apiVersion: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client goes away or the agent stops. */
  readonly signal: AbortSignal;
  /** The JSON body, at most 4 MiB; `invalid` when it is not JSON. An absent body is `undefined`. */
  json(): Promise<unknown>;
  /** Takes the connection over (attach, exec): sends 101 or 200, then gives the raw stream. */
  hijack(contentType: string): Promise<Duplex>;
  /** The same by the upgrade that these headers open; `invalid` unless one was asked for. */
  switchTo(headers: Record<string, string>): Promise<Duplex>;
}

/**
 * `body` is sent as JSON, `text` as it is; the status is 200 with either and else 204. A handler
 * that wrote to `response` or hijacked returns nothing.
 */
export type Reply = {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  text?: string;
};

export interface Route {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /**
   * A find-my-way pattern without the version prefix, e.g. `/containers/:id/json`; image names,
   * which hold slashes, take `/images/*`.
   */
  path: string;
  // biome-ignore lint/suspicious/noConfusingVoidType: streaming handlers have nothing to return.
  handle(call: Call): Promise<Reply | void>;
}
