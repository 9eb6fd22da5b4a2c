// A gRPC client for unary calls over node:http2: how a plugin speaks to the engine that started it.
// Knows frames and status codes, no service.
import { type ClientHttp2Session, connect } from "node:http2";
import { GrpcError, GrpcStatus } from "./grpc.ts";
import { type AnyMessage, decode, encode, type Of, type Partially } from "./protobuf.ts";

const CALL_TIMEOUT_MS = 10_000;
const MOST_BYTES = 64 << 20;

export class GrpcClient {
  readonly #address: string;
  readonly #timeoutMs: number;
  #session: ClientHttp2Session | undefined;

  /** `HOST:PORT`, in the clear; connects with the first call. Calls may take 10 s by default. */
  constructor(address: string, timeoutMs = CALL_TIMEOUT_MS) {
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  /** Calls `/package.Service/Method`; throws `GrpcError` when the other side says so or is gone. */
  async call<Q extends AnyMessage, A extends AnyMessage>(
    path: string,
    request: readonly [Q, Partially<Of<Q>>],
    answer: A,
  ): Promise<Of<A>> {
    const stream = this.#connected().request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const outcome = { status: "", message: "", details: "" };
    const note = (headers: Record<string, unknown>) => {
      outcome.status = String(headers["grpc-status"] ?? outcome.status);
      outcome.message = String(headers["grpc-message"] ?? outcome.message);
      outcome.details = String(headers["grpc-status-details-bin"] ?? outcome.details);
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.setTimeout(this.#timeoutMs, () => stream.destroy(new Error("no answer in time")));
    stream.end(framed(encode(...request)));
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MOST_BYTES) throw new Error("the answer is too long");
        chunks.push(chunk);
      }
    } catch (error) {
      throw new GrpcError(GrpcStatus.unavailable, `${path}: ${(error as Error).message}`);
    }
    if (outcome.status !== "0") {
      const status = Number(outcome.status) || GrpcStatus.unknown;
      const details = outcome.details ? Buffer.from(outcome.details, "base64") : undefined;
      throw new GrpcError(status, decodeURIComponent(outcome.message), details);
    }
    return decode(answer, Buffer.concat(chunks).subarray(5));
  }

  /** Ends the connection; calls that run fail. */
  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session && !this.#session.destroyed && !this.#session.closed) return this.#session;
    const session = connect(`http://${this.#address}`);
    session.on("error", () => {});
    session.unref();
    this.#session = session;
    return session;
  }
}

function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
