// A TCP relay before a host: it adds latency and counts round trips, as the kernel of the test
// machine has no netem, and it falls silent or is cut at the same byte each time.

import type { AddressInfo, Socket } from "node:net";
import { connect, createServer, type Server } from "node:net";

export class Line {
  /** Times that the client spoke and the server answered, which is what a client may wait for. */
  turns = 0;
  /** What the clients have sent, in bytes. */
  sent = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** When the client began to speak; undefined once it is answered. */
  private spokeAt: number | undefined;
  private limit: { bytes: number; reached: () => void } | undefined;
  private silent = false;
  private readonly delayMs: number;

  private constructor(host: string, port: number, delayMs: number) {
    this.delayMs = delayMs;
    this.server = createServer((client) => {
      const far = connect({ host, port, noDelay: true });
      client.setNoDelay(true);
      this.carry(client, far, "client");
      this.carry(far, client, "server");
    });
  }

  /** Listens on a loopback port and relays to host:port; `delayMs` is added to each round trip. */
  static async open(host: string, port: number, delayMs = 0): Promise<Line> {
    const line = new Line(host, port, delayMs);
    await new Promise<void>((resolve) => line.server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resolves when the clients have sent so many bytes more; from then on nothing is carried. */
  silentAfter(bytes: number): Promise<void> {
    return new Promise((reached) => {
      this.limit = { bytes: this.sent + bytes, reached };
    });
  }

  /** Ends all connections, and takes no new ones. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private carry(from: Socket, to: Socket, who: "client" | "server"): void {
    this.sockets.add(from);
    from.on("close", () => this.sockets.delete(from));
    from.on("data", (chunk) => {
      if (who === "client") this.count(chunk.length);
      // What the server sends before it can have heard the client is no answer.
      else if (this.spokeAt !== undefined && performance.now() - this.spokeAt >= this.delayMs / 2) {
        this.turns++;
        this.spokeAt = undefined;
      }
      if (this.silent) from.pause();
      else this.later(() => to.write(chunk));
    });
    from.on("end", () => this.later(() => to.end()));
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
  }

  private count(bytes: number): void {
    this.spokeAt ??= performance.now();
    this.sent += bytes;
    if (this.limit === undefined || this.sent < this.limit.bytes) return;
    this.silent = true;
    this.limit.reached();
  }

  private later(act: () => void): void {
    setTimeout(act, this.delayMs / 2);
  }
}
