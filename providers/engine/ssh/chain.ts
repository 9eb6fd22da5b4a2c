// A logged-in connection through all hops. Owns the clients of the whole chain: when one of them
// breaks, all of it is broken, and the reason is kept for everyone who asks.
import { ChannelStream } from "../stream/channel-stream.ts";
import type { OnWait } from "../waiting.ts";
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
  /** Told of waits of more than a second, here and on the connection afterwards. */
  readonly onWait?: OnWait | undefined;
}

export class Chain {
  readonly #clients: SshClient[] = [];
  readonly #name: string;
  readonly #gone = new AbortController();

  constructor(name: string) {
    this.#name = name;
  }

  /** The client of the last hop. */
  get client(): SshClient {
    return this.#clients.at(-1)!;
  }

  /** Aborted when the connection can no longer be used; the reason is a ConnectionError. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Why the connection can no longer be used; nothing while it can. */
  get broken(): ConnectionError | undefined {
    return this.gone.reason;
  }

  /** Takes over the client of the next hop. */
  add(client: SshClient, hop: string): void {
    this.#clients.push(client);
    client.on("error", (error) => this.destroy(connectionError(error, hop)));
    client.on("close", () => this.destroy(closed(hop)));
  }

  /** Ends it in order: what was written still goes out. */
  close(): void {
    this.#gone.abort(closed(this.#name));
    for (const client of this.#clients.toReversed()) client.end();
  }

  /** Ends it at once; of several reasons the first is kept. */
  destroy(reason = closed(this.#name)): void {
    if (this.gone.aborted) return;
    this.#gone.abort(reason);
    for (const client of this.#clients) client.destroy();
  }
}

function closed(name: string): ConnectionError {
  return new ConnectionError("unreachable", `${name}: the connection was closed`, {
    path: name,
    hint: "run the same command again; what was done stays done",
  });
}

/** Connects all hops in order, each with retries; nothing stays open when one of them fails. */
export async function connectChain(
  hops: readonly Hop[],
  options: DialOptions = {},
): Promise<Chain> {
  const chain = new Chain(hops.at(-1)!.name);
  const { gone } = chain;
  const endsAt = Date.now() + (options.connectDeadlineMs ?? 120_000);
  try {
    for (const [at, hop] of hops.entries()) {
      const policy = {
        errorLimit: options.dialErrorLimit ?? 5,
        attemptTimeoutMs: hop.dialTimeoutMs,
        deadlineMs: Math.max(1, endsAt - Date.now()),
        // Behind a jump host that has gone there is nothing to try.
        onWait: options.onWait,
        signal: options.signal ? AbortSignal.any([gone, options.signal]) : gone,
      };
      const open = (signal: AbortSignal) =>
        at > 0 ? forward(chain.client, hop) : openSocket(hop, signal);
      const client = await withRetry(hop.name, policy, (signal) => dial(hop, open, signal));
      chain.add(client, hop.name);
    }
    return chain;
  } catch (error) {
    chain.destroy();
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
