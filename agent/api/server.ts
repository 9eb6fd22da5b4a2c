// The HTTP server on the unix socket: finds the route, runs it, and turns replies and errors into
// responses. It knows no container; the one place where an error becomes a status.
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import createRouter, { type HTTPMethod } from "find-my-way";
import { FairleadError, statusOf } from "../../resources/model/errors.ts";
import { AGENT_HEADERS, makeCall, type Upgraded } from "./call.ts";
import { Gate, type Router } from "./gate.ts";
import type { Reply, Route } from "./route.ts";
import { splitVersion } from "./version.ts";

const HEADERS_TIMEOUT_MS = 15_000;
const HEADERS_LIMIT_BYTES = 64 * 1024;

export interface ApiServer {
  server: Server;
  /** Answers everything from now on; what came before is answered then. */
  open(routes: Route[]): void;
  /** Stops accepting, aborts the calls that run, and resolves when all connections are gone. */
  close(): Promise<void>;
}

export interface ApiOptions {
  /** Answered from the first moment on, whatever else is not ready. */
  early: Route[];
  /** What others wait for, in a sentence; for those that wait too long. */
  progress(): string;
  /** Receives what went wrong inside, for the agent's own log. */
  report: (line: string) => void;
  /** Only this is answered, all else is refused, and no connection is handed over. */
  readOnly?: { routes(all: Route[]): Route[]; refuse(method?: string, path?: string): Error };
}

/** Builds the server, which answers the early routes until it is opened. */
export function createApi({ early, progress, report, readOnly }: ApiOptions): ApiServer {
  const chosen = (routes: Route[]) => routerOf(readOnly ? readOnly.routes(routes) : routes);
  const absent = readOnly?.refuse ?? (() => new FairleadError("not_found", "page not found"));
  const gate = new Gate(chosen(early), progress);
  const stopping = new AbortController();
  const handle = async (request: IncomingMessage, response: ServerResponse, up?: Upgraded) => {
    try {
      await answer({ gate, absent }, request, response, up, stopping.signal);
    } catch (error) {
      // A response without a socket may also be one that waits behind another.
      const isHandedOver = up !== undefined && response.socket === null;
      if (isHandedOver) response.destroy();
      fail(request, response, error, report);
    }
  };
  // Uploads of layers take as long as they take, so only headers and JSON bodies have deadlines.
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      maxHeaderSize: HEADERS_LIMIT_BYTES,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => void handle(request, response),
  );
  // Taken-over connections are no longer the HTTP server's, and are waited for all the same.
  const takenOver = new Set<Duplex>();
  // Without the listener a request to upgrade is one like others.
  if (!readOnly)
    server.on("upgrade", (request, socket, head) => {
      takenOver.add(socket);
      socket.once("close", () => takenOver.delete(socket));
      const response = new ServerResponse(request);
      response.assignSocket(socket as Socket);
      response.on("finish", () => socket.end());
      socket.on("error", () => socket.destroy());
      response.shouldKeepAlive = false;
      void handle(request, response, { socket, head });
    });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
  return {
    server,
    open: (routes) => gate.open(chosen([...early, ...routes])),
    close: () => close(server, stopping, takenOver),
  };
}

function routerOf(routes: Route[]): Router {
  const router = createRouter({ maxParamLength: 4096 });
  for (const route of routes) {
    router.on(route.method as HTTPMethod, route.path, () => undefined, route);
  }
  return router;
}

interface Finding {
  gate: Gate;
  absent(method?: string, path?: string): Error;
}

async function answer(
  { gate, absent }: Finding,
  request: IncomingMessage,
  response: ServerResponse,
  upgraded: Upgraded | undefined,
  stopping: AbortSignal,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://agent");
  const { apiVersion, path } = splitVersion(url.pathname);
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.on("close", leave);
  upgraded?.socket.on("close", leave);
  const signal = AbortSignal.any([gone.signal, stopping]);
  const found = await gate.find(request.method as HTTPMethod, path, signal);
  if (!found) throw absent(request.method, path.slice(0, 200));
  const call = makeCall({
    request,
    response,
    upgraded,
    params: found.params as Record<string, string>,
    query: url.searchParams,
    apiVersion,
    signal,
  });
  const reply = await (found.store as Route).handle(call);
  if (reply) send(request, response, reply);
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const headers = { ...AGENT_HEADERS, ...reply.headers };
  if (reply.body === undefined && reply.text === undefined) {
    const status = reply.status ?? 204;
    const length = status === 204 || status === 304 ? {} : { "Content-Length": "0" };
    response.writeHead(status, { ...headers, ...length }).end();
    return;
  }
  const text = reply.text ?? `${JSON.stringify(reply.body)}\n`;
  response.writeHead(reply.status ?? 200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

/** The one error function: a FairleadError has its status, everything else is internal. */
function fail(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  report: (line: string) => void,
): void {
  const known = error instanceof FairleadError ? error : undefined;
  // A client that leaves in the middle of a stream is not a fault of the agent.
  const left = (error as NodeJS.ErrnoException)?.code === "ERR_STREAM_PREMATURE_CLOSE";
  if (!left && (!known || known.code === "internal")) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report(`${request.method} ${request.url?.slice(0, 200)}: ${detail}`);
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : "internal error";
  const hint = known?.hint ? `: ${known.hint}` : "";
  const body = { message: `${message}${hint}` };
  const status = statusOf(known?.code ?? "internal");
  send(request, response, status === 304 ? { status } : { status, body });
}

async function close(
  server: Server,
  stopping: AbortController,
  takenOver: ReadonlySet<Duplex>,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopping.abort();
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of takenOver) socket.destroy();
  }, 1000);
  await closed;
  clearTimeout(timer);
}
