// A receiver at the end of a connection by tcp, tls or a unix socket: opened with the first batch,
// and again after it broke.
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { LogLine, LogReceiver } from "../driver/driver.ts";
import type { HostAndPort } from "./address.ts";

export type StreamPlace = HostAndPort | { path: string };

export interface StreamBatch {
  bytes: Buffer;
  /** Whether what the receiver has sent since says that it has all of it; absent: no answer. */
  answered?: (received: Buffer) => boolean;
}

interface Recipe {
  open: StreamPlace;
  batch: (lines: readonly LogLine[]) => StreamBatch;
  /** Called at each connection; absent without tls. */
  tls?: () => ConnectionOptions;
  /** How long one batch may take. */
  timeoutMs?: number;
}

const CONNECT_MS = 10_000;
/** A receiver that takes nothing for so long is as good as gone. */
const SEND_MS = 60_000;
const LONGEST_ANSWER = 64 * 1024;

export function streamReceiver(recipe: Recipe): LogReceiver {
  let socket: Socket | undefined;
  const drop = () => {
    socket?.destroy();
    socket = undefined;
  };
  return {
    send: async (lines) => {
      try {
        if (!socket || socket.destroyed || !socket.writable) {
          drop();
          socket = await open(recipe);
        }
        await deliver(socket, recipe.batch(lines), recipe.timeoutMs ?? SEND_MS);
      } catch (error) {
        drop();
        throw error;
      }
    },
    close: () => {
      // What was written is still sent: only then is the connection ended.
      socket?.end();
      socket = undefined;
    },
  };
}

/** A batch that is its lines, one after the other. */
export function eachLine(encode: (line: LogLine) => Buffer): Recipe["batch"] {
  return (lines) => ({ bytes: Buffer.concat(lines.map(encode)) });
}

function open({ open: place, tls }: Recipe): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = tls !== undefined;
    const opened = secure
      ? connectTls({ ...place, ...serverName(place), ...tls() })
      : connect(place);
    const timer = setTimeout(() => opened.destroy(new Error("no connection in 10 s")), CONNECT_MS);
    opened.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      // Nobody reads what comes but an answer; yet the end of it must be noticed.
      opened.resume();
      opened.unref();
      resolve(opened);
    });
    opened.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function serverName(place: StreamPlace): { servername?: string } {
  return "host" in place ? { servername: place.host } : {};
}

function deliver(socket: Socket, batch: StreamBatch, timeoutMs: number): Promise<void> {
  const { bytes, answered } = batch;
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = (error?: Error | null) => {
      clearTimeout(timer);
      socket.off("close", closed).off("data", answer);
      if (error) reject(error);
      else resolve();
    };
    const closed = () => finish(new Error("the receiver closed the connection"));
    const answer = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]).subarray(-LONGEST_ANSWER);
      if (answered?.(received)) finish();
    };
    const timer = setTimeout(() => {
      finish(new Error(`the receiver took nothing for ${timeoutMs / 1000} s`));
    }, timeoutMs);
    socket.once("close", closed);
    if (answered) socket.on("data", answer);
    socket.write(bytes, (error) => {
      if (error || !answered) finish(error);
    });
  });
}
