// A TCP relay that adds latency and counts round trips: the kernel of the test machine has no
// netem.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class SlowLine {
  /** Times that the client spoke and the server answered, which is what a client may wait for. */
  turns = 0;
  private readonly server: Server;
  /** When the client began to speak; undefined once it is answered. */
  private spokeAt: number | undefined;

  private constructor(host: string, port: number, delayMs: number) {
    this.server = createServer((client) => {
      const far = connect({ host, port, noDelay: true });
      client.setNoDelay(true);
      this.carry(client, far, "client", delayMs / 2);
      this.carry(far, client, "server", delayMs / 2);
    });
  }

  /** Listens on a loopback port and relays to host:port; `delayMs` is added to each round trip. */
  static async open(host: string, port: number, delayMs: number): Promise<SlowLine> {
    const line = new SlowLine(host, port, delayMs);
    await new Promise<void>((resolve) => line.server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }

  private carry(from: Socket, to: Socket, who: "client" | "server", delayMs: number): void {
    from.on("data", (chunk) => {
      if (who === "client") this.spokeAt ??= performance.now();
      // What the server sends before it can have heard the client is no answer.
      else if (this.spokeAt !== undefined && performance.now() - this.spokeAt >= delayMs) {
        this.turns++;
        this.spokeAt = undefined;
      }
      setTimeout(() => to.write(chunk), delayMs);
    });
    from.on("end", () => setTimeout(() => to.end(), delayMs));
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
  }
}
