// What the engine shows to the user: log lines of a resource, and passing status lines.
import { GrpcClient } from "../../rpc/grpc-client.ts";
import { Empty, LogRequest, Severity } from "../messages.ts";

const LOG = "/pulumirpc.Engine/Log";
const MOST_WAITING = 200;

export class EngineLog {
  #client: GrpcClient | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** The engine that listens there; lines before are dropped. */
  attach(address: string): void {
    this.#client?.close();
    this.#client = address === "" ? undefined : new GrpcClient(address);
  }

  /** Shows a line; never fails and never waits. Passing lines are dropped when many wait. */
  tell(severity: keyof typeof Severity, urn: string, message: string, passing = false): void {
    const client = this.#client;
    if (!client || (passing && this.#waiting >= MOST_WAITING)) return;
    this.#waiting++;
    const line = { severity: Severity[severity], message, urn, ephemeral: passing };
    this.#last = this.#last
      .then(() => client.call(LOG, [LogRequest, line], Empty))
      .catch(() => {})
      .finally(() => {
        this.#waiting--;
      });
  }

  /** Ends the connection once everything has been said. */
  async close(): Promise<void> {
    await this.#last;
    this.#client?.close();
  }
}
