// A local socket that leads to a host's engine, for docker clients and anything that speaks its
// API.
import { chmod, link, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Transport } from "../transport/transport.ts";

export interface Tunnel {
  /** Path of the local socket: mode 0600 in a folder of mode 0700. */
  readonly socketPath: string;
  /** The value for DOCKER_HOST. */
  readonly dockerHost: string;
  /** Ends its connections and removes the socket. Never fails. */
  close(): Promise<void>;
}

export interface TunnelOptions {
  /** Where to listen; default: a new folder in the temporary one. An existing file is refused. */
  readonly socketPath?: string | undefined;
  /** Told why a connection could not be joined; the client only sees it closed. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** Listens and joins each connection to the engine's socket on the host. */
export async function openTunnel(
  transport: Transport,
  engineSocket: string,
  options: TunnelOptions = {},
): Promise<Tunnel> {
  const wanted = options.socketPath;
  // Listening starts in a folder of our own, so that at no moment others can open the socket.
  const parent = wanted === undefined ? tmpdir() : dirname(wanted);
  const folder = await mkdtemp(join(parent, ".fairlead-"));
  const hidden = join(folder, "docker.sock");
  const open = new Set<Socket>();
  // Half-open: a client that has sent everything still reads the answer (attach, build, cp).
  const server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    joinUp(transport, engineSocket, client).catch((error: Error) => {
      client.destroy();
      options.onError?.(error);
    });
  });
  const close = async () => {
    for (const client of open) client.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(hidden, resolve);
    });
    await chmod(hidden, 0o600);
    // link(2) refuses a path that exists, rename(2) would replace it.
    if (wanted !== undefined) await link(hidden, wanted);
  } catch (cause) {
    await close();
    throw cannotListen(wanted ?? hidden, cause);
  }
  const socketPath = wanted ?? hidden;
  return {
    socketPath,
    dockerHost: `unix://${socketPath}`,
    close: async () => {
      await close();
      if (wanted !== undefined) await rm(wanted, { force: true });
    },
  };
}

function cannotListen(path: string, cause: unknown): FairleadError {
  const { code = "unknown" } = cause as NodeJS.ErrnoException;
  const exists = code === "EEXIST";
  return new FairleadError(exists ? "conflict" : "unavailable", `cannot listen: ${code}`, {
    path,
    hint: exists ? "remove the file, or choose another path" : "choose another path",
    cause,
  });
}

async function joinUp(transport: Transport, engineSocket: string, client: Socket): Promise<void> {
  client.on("error", () => {});
  const far = await transport.openStream(engineSocket);
  far.on("error", () => {});
  if (client.destroyed) {
    far.destroy();
    return;
  }
  // A client that hangs up in the middle of a stream (docker logs -f) is no failure.
  await Promise.allSettled([pipeline(client, far), pipeline(far, client)]);
  client.destroy();
  far.destroy();
}
