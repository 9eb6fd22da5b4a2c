// Takes a connection over for attach and exec: sends a request, and once the engine has switched
// protocols gives the raw stream. Ending the stream is end of file for the container's stdin.
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { EngineRequest } from "./client.ts";
import { brokenRequest, refusal } from "./failure.ts";

export interface HijackRequest {
  readonly method: "POST" | "GET";
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** What was asked for, for messages, and its signal. */
  readonly request: EngineRequest;
}

/**
 * Sends the request on `socket` and resolves with the stream after `101`: raw of a terminal, else
 * in Docker's frames.
 */
export function hijack(host: string, socket: Duplex, ask: HijackRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.destroy();
      reject(brokenRequest(host, error, ask.request));
    };
    const request = httpRequest({
      createConnection: () => socket as never,
      host: "engine",
      method: ask.method,
      path: ask.target,
      headers: {
        ...ask.headers,
        Host: "engine",
        Connection: "Upgrade",
        // The Engine API's word for a raw TCP stream.
        Upgrade: "tcp",
        "Content-Length": String(Buffer.byteLength(ask.body ?? "")),
      },
    });
    request.once("error", fail);
    const { signal } = ask.request;
    const abort = () => request.destroy(signal?.reason as Error);
    signal?.addEventListener("abort", abort, { once: true });
    const settle = () => signal?.removeEventListener("abort", abort);
    request.once("close", settle);
    request.once("upgrade", (_response: IncomingMessage, stream: Duplex, head: Buffer) => {
      settle();
      if (head.length > 0) stream.unshift(head);
      resolve(stream);
    });
    request.once("response", (response: IncomingMessage) => {
      const status = response.statusCode ?? 500;
      refusal(host, status < 400 ? 500 : status, response).then((error) => {
        socket.destroy();
        reject(error);
      }, fail);
    });
    request.end(ask.body);
  });
}
