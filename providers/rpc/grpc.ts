// A gRPC server for unary calls and silent streams over node:http2: what Terraform's and Pulumi's
// plugin protocols need, started in a few milliseconds. Knows frames and status codes, no service.
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from "node:http2";
import { type AnyMessage, decode, encode, type Of, type Partially } from "./protobuf.ts";

/** The status codes used here (grpc's statuscodes.md). */
export const GrpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** Thrown by a handler: the caller gets this status, sentence and (google.rpc.Status) details. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly status: number;
  readonly details: Uint8Array | undefined;

  constructor(status: number, message: string, details?: Uint8Array) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export interface Method {
  request: AnyMessage;
  response: AnyMessage;
  // biome-ignore lint/suspicious/noExplicitAny: method() below joins the types of both.
  handle(request: any, signal: AbortSignal): Promise<any>;
}

/** A stream that is opened and never says anything. */
export const SILENT = "silent";
/** A method that is loaded when it is first called. */
export interface Relayed {
  load(): Promise<Method>;
}
/** An answer that is always the same message, ready as bytes; the request is not read. */
export interface Fixed {
  bytes(): Uint8Array;
}
type Entry = Method | Relayed | Fixed | typeof SILENT;
/** `/package.Service/Method` to what answers it. */
export type Methods = Record<string, Entry>;

/** Declares a unary method; `signal` is aborted when the caller goes away. */
export function method<Q extends AnyMessage, A extends AnyMessage>(
  request: Q,
  response: A,
  handle: (request: Of<Q>, signal: AbortSignal) => Promise<Partially<Of<A>>>,
): Method {
  return { request, response, handle: handle as Method["handle"] };
}

const MAX_MESSAGE_BYTES = 256 << 20;

/** Serves the methods; with `tls` over TLS. The caller listens and closes. */
export function grpcServer(methods: Methods, tls?: SecureServerOptions): Http2Server {
  const settings = { initialWindowSize: 1 << 20, maxConcurrentStreams: 1000 };
  const server = tls ? createSecureServer({ ...tls, settings }) : createServer({ settings });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    answer(stream, methods[String(headers[":path"])]).catch((error) => fail(stream, error));
  });
  server.on("sessionError", () => {});
  return server as Http2Server;
}

async function answer(stream: ServerHttp2Stream, entry: Entry | undefined) {
  if (entry === undefined) throw new GrpcError(GrpcStatus.unimplemented, "unknown method");
  if (typeof entry === "string") {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.resume();
    return;
  }
  if ("bytes" in entry) {
    await read(stream);
    return send(stream, entry.bytes());
  }
  const method = "load" in entry ? await entry.load() : entry;
  const gone = new AbortController();
  stream.on("aborted", () => gone.abort());
  stream.on("close", () => gone.abort());
  const request = decode(method.request, unframe(await read(stream)));
  const response = await method.handle(request, gone.signal);
  send(stream, encode(method.response, response));
}

function send(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  const headers = { ":status": 200, "content-type": "application/grpc" };
  stream.respond(headers, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame(message));
}

async function read(stream: ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_MESSAGE_BYTES) {
      throw new GrpcError(GrpcStatus.resourceExhausted, "the request is over 256 MiB");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unframe(bytes: Buffer): Buffer {
  if (bytes.length < 5 || bytes.readUInt32BE(1) !== bytes.length - 5) {
    throw new GrpcError(GrpcStatus.internal, "the request is no gRPC message");
  }
  if (bytes[0] !== 0) throw new GrpcError(GrpcStatus.unimplemented, "compression is not supported");
  return bytes.subarray(5);
}

function frame(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.headersSent) return;
  const known = error instanceof GrpcError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const trailers: Record<string, string> = {
    "grpc-status": String(known?.status ?? GrpcStatus.unknown),
    "grpc-message": encodeURIComponent(message),
  };
  if (known?.details) {
    trailers["grpc-status-details-bin"] = Buffer.from(known.details).toString("base64");
  }
  const headers = { ":status": 200, "content-type": "application/grpc", ...trailers };
  stream.respond(headers, { endStream: true });
}
