// What lifecycles and the executor need of a host's engine: requests, streams, capabilities.
// The transport and client implement it; nothing here does I/O.
import type { Readable } from "node:stream";
import type { HostSpec } from "../../resources/kinds/host/host.ts";
import type { EngineCapabilities } from "../../resources/plan/observed.ts";
import type { OnWait } from "./waiting.ts";

export interface EngineRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Without an API version: `/containers/json` or `/fairlead/observe`; already escaped. */
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
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

/** One host's engine. Failures are `FairleadError`s with the engine's sentence and code. */
export interface EngineClient {
  /** Name of the host in the stack. */
  readonly host: string;
  /** What the engine is called, to be shown and never to be compared. */
  readonly engine: string;
  /** Nothing is there yet: everything that a plan needs will have to be brought. */
  readonly isVacant?: boolean;
  /** What it can do beyond Docker's API. */
  readonly can: EngineCapabilities;
  /** Negotiated API version, such as `1.41`. */
  readonly apiVersion: string;
  /** Version of the engine itself. */
  readonly version: string;
  /** How many requests can be under way; more wait in turn, and not for ever. */
  readonly streamsAtOnce: number;
  /** Told of waits of more than a second. */
  readonly onWait?: OnWait | undefined;
  /** The answer's JSON; undefined for 204 and 304. */
  json<T>(request: EngineRequest): Promise<T>;
  /** The answer as it arrives; status below 400, and the body must be read or destroyed. */
  stream(request: EngineRequest): Promise<EngineAnswer>;
}

/** Gives the engine of a host; called once per host and run. The giver closes what it opened. */
export type Connect = (host: string, spec: HostSpec, signal?: AbortSignal) => Promise<EngineClient>;
