// What the verbs of this folder need of a client of Docker's Engine API: requests, streams, and
// connections that are taken over.
import type { Duplex, Readable } from "node:stream";
import type { EngineCapabilities } from "../../../resources/plan/observed.ts";
import type { OnWait } from "../waiting.ts";

export interface EngineRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Without an API version: `/containers/json` or `/fairlead/observe`; already escaped. */
  path: string;
  /** A list stands there once for each value. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined> | undefined;
  headers?: Record<string, string> | undefined;
  /** A plain value is sent as JSON; bytes and streams as they are (give a content type). */
  body?: unknown;
  /** What it is for, in words, for messages: `looking at the host`. */
  step?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Time without a byte of answer after which it fails with `unavailable`; 60 s by default. */
  idleTimeoutMs?: number | undefined;
}

export interface EngineAnswer {
  status: number;
  headers: Record<string, string>;
  body: Readable;
}

/** What answers at a socket, as far as requests depend on it. */
export interface EngineIdentity {
  readonly engine: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly can: EngineCapabilities;
  /** What gives addresses out in its networks, where it does not say that itself. */
  readonly addressDrivers?: readonly string[] | undefined;
}

/** Of one host's engine. Failures are `FairleadError`s with the engine's sentence and code. */
export interface DockerClient extends EngineIdentity {
  /** Name of the host in the stack. */
  readonly host: string;
  /** How many requests can be under way; more wait in turn, and not for ever. */
  readonly streamsAtOnce: number;
  /** Told of waits of more than a second. */
  readonly onWait?: OnWait | undefined;
  /** The answer's JSON; undefined for 204 and 304. */
  json<T>(request: EngineRequest): Promise<T>;
  /** The answer as it arrives; status below 400, and the body must be read or destroyed. */
  stream(request: EngineRequest): Promise<EngineAnswer>;
  /** The raw stream behind a request that switches protocols: ending it is end of file there. */
  hijack(request: EngineRequest): Promise<Duplex>;
}
