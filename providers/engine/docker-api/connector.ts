// Joins undici to a transport: each of its connections is one stream to the engine's socket.
import { type Dispatcher, Pool } from "undici";
import { FairleadError } from "../../../resources/model/errors.ts";
import { socketLike } from "../stream/socket-like.ts";
import type { Transport } from "../transport/transport.ts";

// Waiting longer than this for a stream means that as many as the server allows are taken.
const OPEN_TIMEOUT_MS = 30_000;

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

/** One stream to the socket; `unavailable` when none is free for 30 seconds. */
export async function openSocket(
  transport: Transport,
  socketPath: string,
  signal?: AbortSignal,
): Promise<ReturnType<typeof socketLike>> {
  const timeout = AbortSignal.timeout(OPEN_TIMEOUT_MS);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    return socketLike(await transport.openStream(socketPath, either));
  } catch (error) {
    signal?.throwIfAborted();
    if (!timeout.aborted) throw error;
    throw new FairleadError("unavailable", `${transport.name}: no stream was free for 30 seconds`, {
      hint: "follow fewer logs at once, or raise MaxSessions in the host's sshd_config",
      cause: error,
    });
  }
}
