// Builds the target of a request: API version, path and query.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { EngineRequest } from "./client.ts";

/** The request's target; routes under /fairlead/ and `/_ping` carry no version. */
export function targetOf(request: EngineRequest, apiVersion: string | undefined): string {
  const { path } = request;
  if (!path.startsWith("/") || /[\s?#\x00-\x1f\x7f]/.test(path) || /\/\.\.?(\/|$)/.test(path)) {
    throw new FairleadError("invalid", `not a path for an engine: ${JSON.stringify(path)}`);
  }
  const bare = path.startsWith("/fairlead/") || path === "/_ping" || apiVersion === undefined;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (Array.isArray(value)) for (const one of value) query.append(key, one);
    else if (value !== undefined) query.set(key, String(value));
  }
  const tail = query.size === 0 ? "" : `?${query}`;
  return `${bare ? "" : `/v${apiVersion}`}${path}${tail}`;
}

/** A container by its id or name, and what is asked of it. */
export function containerPath(id: string, rest = ""): string {
  return `/containers/${encodeURIComponent(id)}${rest}`;
}

/** A network by its id or name. */
export function networkPath(id: string, rest = ""): string {
  return `/networks/${encodeURIComponent(id)}${rest}`;
}

/** Body and headers as they are sent: bytes and streams as they are, everything else as JSON. */
export function payloadOf(request: EngineRequest): {
  body: string | Uint8Array | NodeJS.ReadableStream | undefined;
  headers: Record<string, string>;
} {
  const { body } = request;
  const headers = { ...request.headers };
  if (body === undefined) return { body: undefined, headers };
  if (body instanceof Uint8Array || isStream(body)) return { body, headers };
  headers["content-type"] ??= "application/json";
  return { body: JSON.stringify(body), headers };
}

function isStream(body: unknown): body is NodeJS.ReadableStream {
  return typeof (body as { pipe?: unknown } | null)?.pipe === "function";
}
