// Joins undici to a transport: each of its connections is one stream to the engine's socket.
import { type Dispatcher, Pool } from "undici";
import { socketLike } from "../stream/socket-like.ts";
import type { Transport } from "../transport/transport.ts";

/** A pool of kept-alive connections to the socket. */
export function poolOver(transport: Transport, socketPath: string): Dispatcher {
  return new Pool("http://engine", {
    connect: (_options, done) => {
      openSocket(transport, socketPath).then(
        (socket) => done(null, socket as never),
        (error: Error) => done(error, null),
      );
    },
    connections: null,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
  });
}

/** One stream to the socket. */
export async function openSocket(
  transport: Transport,
  socketPath: string,
  signal?: AbortSignal,
): Promise<ReturnType<typeof socketLike>> {
  return socketLike(await transport.openStream(socketPath, signal));
}
