// A receiver that gets each message as datagrams by udp. What nobody listens for is lost, as with
// Docker: only a name that does not resolve, or no way there, is a failure.
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import type { LogLine, LogReceiver } from "../driver/driver.ts";
import type { HostAndPort } from "./address.ts";

interface Recipe {
  to: HostAndPort;
  /** The datagrams of one line; none for a line that cannot be sent. */
  encode: (line: LogLine) => Buffer[];
}

const REFUSED = new Set(["ECONNREFUSED", "EMSGSIZE"]);

export function udpReceiver({ to, encode }: Recipe): LogReceiver {
  let socket: Socket | undefined;
  const close = () => {
    socket?.close();
    socket = undefined;
  };
  return {
    send: async (lines) => {
      // Asked again for each batch, so that a receiver may move.
      const { address } = await lookup(to.host);
      const type = isIPv6(address) ? "udp6" : "udp4";
      socket ??= createSocket(type)
        .unref()
        .on("error", () => undefined);
      try {
        for (const line of lines) {
          for (const datagram of encode(line)) await put(socket, datagram, to.port, address);
        }
      } catch (error) {
        close();
        throw error;
      }
    },
    close,
  };
}

function put(socket: Socket, datagram: Buffer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(datagram, port, address, (error) => {
      const { code = "" } = (error ?? {}) as NodeJS.ErrnoException;
      if (error && !REFUSED.has(code)) reject(error);
      else resolve();
    });
  });
}
