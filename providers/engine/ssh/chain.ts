// A logged-in connection through all hops. Owns the clients of the whole chain: when one of them
// breaks, all of it is broken, and the reason is kept for everyone who asks.
import { ChannelStream } from "../stream/channel-stream.ts";
import { ConnectionError, connectionError } from "./connection-error.ts";
import { dial, openSocket, type SshClient } from "./dial.ts";
import { withRetry } from "./retry.ts";
import type { Hop } from "./route.ts";

export interface DialOptions {
  /** Failed attempts before giving up, -1 for no limit. Default 5. */
  readonly dialErrorLimit?: number | undefined;
  /** Milliseconds for the whole chain with all its attempts. Default 120000. */
  readonly connectDeadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Chain {
  readonly clients: readonly SshClient[];
  readonly #name: string;
  #broken: ConnectionError | undefined;

  constructor(clients: readonly SshClient[], name: string) {
    this.clients = clients;
    for (const client of clients) {
      client.on("error", (error) => this.#break(connectionError(error, name)));
      client.on("close", () => this.#break(closed(name)));
    }
    this.#name = name;
  }

  /** The client of the last hop. */
  get client(): SshClient {
    return this.clients.at(-1)!;
  }

  /** Why the connection can no longer be used; nothing while it can. */
  get broken(): ConnectionError | undefined {
    return this.#broken;
  }

  close(): void {
    this.#broken ??= closed(this.#name);
    for (const client of this.clients.toReversed()) client.end();
  }

  #break(error: ConnectionError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    for (const client of this.clients) client.destroy();
  }
}

function closed(name: string): ConnectionError {
  return new ConnectionError("unreachable", `${name}: the connection was closed`, {
    path: name,
    hint: "run the same command again; what was done stays done",
    retry: true,
  });
}

/** Connects all hops in order, each with retries; nothing stays open when one of them fails. */
export async function connectChain(
  hops: readonly Hop[],
  options: DialOptions = {},
): Promise<Chain> {
  const clients: SshClient[] = [];
  const endsAt = Date.now() + (options.connectDeadlineMs ?? 120_000);
  try {
    for (const hop of hops) {
      const through = clients.at(-1);
      const policy = {
        errorLimit: options.dialErrorLimit ?? 5,
        attemptTimeoutMs: hop.dialTimeoutMs,
        deadlineMs: Math.max(1, endsAt - Date.now()),
        signal: options.signal,
      };
      const open = through
        ? () => forward(through, hop)
        : (signal: AbortSignal) => openSocket(hop, signal);
      clients.push(await withRetry(hop.name, policy, (signal) => dial(hop, open, signal)));
    }
    return new Chain(clients, hops.at(-1)!.name);
  } catch (error) {
    for (const client of clients) client.on("error", () => {}).destroy();
    throw error;
  }
}

function forward(client: SshClient, hop: Hop): Promise<ChannelStream> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, hop.host, hop.port, (error, channel) => {
      if (error === undefined) resolve(new ChannelStream(channel, () => undefined));
      else reject(forwardError(error, hop));
    });
  });
}

function forwardError(error: Error & { reason?: number }, hop: Hop): ConnectionError {
  // RFC 4254, 5.1: reason 1 is "administratively prohibited", 2 is "connect failed".
  const prohibited = error.reason === 1;
  return new ConnectionError(
    prohibited ? "not_permitted" : "unreachable",
    `${hop.name}: the jump host cannot connect: ${error.message}`,
    {
      path: hop.name,
      hint: prohibited
        ? "the jump host's sshd_config needs AllowTcpForwarding yes"
        : "is the host up, and does its name resolve on the jump host?",
      cause: error,
      retry: !prohibited,
    },
  );
}
