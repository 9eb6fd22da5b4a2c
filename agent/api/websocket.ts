// The server's side of a WebSocket (RFC 6455) as a stream of bytes, for attach/ws: what the client
// sends in text or binary messages is read, what is written goes out in binary messages.
import { createHash } from "node:crypto";
import { Duplex } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { Unframer } from "../objects/stream/frame.ts";

/** RFC 6455, 1.3: what a server adds to the client's key. */
const ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const LONGEST_FRAME = 1024 * 1024;
const LONGEST_CONTROL = 125;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The headers of the answer that opens it; `invalid` for a request that asks for none. */
export function acceptWebsocket(headers: RequestHeaders): Record<string, string> {
  const { upgrade, "sec-websocket-key": key, "sec-websocket-version": version } = headers;
  const asked = typeof upgrade === "string" && upgrade.toLowerCase() === "websocket";
  if (!asked || typeof key !== "string" || version !== "13") {
    throw new FairleadError("invalid", "a WebSocket of version 13 must be asked for");
  }
  const accept = createHash("sha1")
    .update(key + ACCEPT)
    .digest("base64");
  return { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": accept };
}

/**
 * Reads and writes messages on a connection that is open. `framed`: what is written has Docker's
 * frames, which a WebSocket does not carry on.
 */
export function websocketStream(socket: Duplex, framed: boolean): Duplex {
  const frames = new Frames();
  const unframer = new Unframer();
  const send = (opcode: number, payload: Buffer, done?: (error?: Error | null) => void) =>
    socket.write(Buffer.concat([headOf(opcode, payload.length), payload]), done);
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      const payload = framed ? Buffer.concat([...unframer.add(chunk)]) : chunk;
      if (payload.length > 0) send(BINARY, payload, done);
      else done();
    },
    final: (done) => send(CLOSE, Buffer.from([0x03, 0xe8]), () => socket.end(done)),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  let closed = false;
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const { opcode, payload } of frames.add(chunk)) {
        // RFC 6455, 5.5.1: nothing counts that a client sends behind its closing frame.
        if (closed) return;
        if (opcode === PING) send(PONG, payload);
        else if (opcode === CLOSE) {
          closed = true;
          stream.push(null);
        } else if (opcode !== PONG && !stream.push(payload)) socket.pause();
      }
    } catch {
      stream.destroy();
    }
  });
  socket.on("end", () => stream.push(null));
  socket.on("error", () => stream.destroy());
  socket.on("close", () => stream.destroy());
  return stream;
}

interface Frame {
  opcode: number;
  payload: Buffer;
}

/** Cuts what a client sends into frames; throws for what RFC 6455 forbids. */
class Frames {
  #rest: Buffer = Buffer.alloc(0);

  *add(chunk: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const [first = 0, second = 0] = this.#rest;
    if (this.#rest.length < 2) return undefined;
    const opcode = first & 0x0f;
    const short = second & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const head = 2 + extended + 4;
    this.#check(first, second, short);
    if (this.#rest.length < head) return undefined;
    const length =
      extended === 8
        ? Number(this.#rest.readBigUInt64BE(2))
        : extended === 2
          ? this.#rest.readUInt16BE(2)
          : short;
    if (length > LONGEST_FRAME) throw new Error("a frame is too long");
    if (this.#rest.length < head + length) return undefined;
    const mask = this.#rest.subarray(head - 4, head);
    const payload = Buffer.from(this.#rest.subarray(head, head + length));
    for (let at = 0; at < length; at += 1) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
    this.#rest = this.#rest.subarray(head + length);
    return { opcode, payload };
  }

  #check(first: number, second: number, short: number): void {
    const opcode = first & 0x0f;
    const last = (first & 0x80) !== 0;
    const control = opcode >= CLOSE;
    if ((first & 0x70) !== 0) throw new Error("no extension was agreed upon");
    if ((second & 0x80) === 0) throw new Error("a client must mask");
    if (![CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG].includes(opcode))
      throw new Error("opcode");
    if (control && (!last || short > LONGEST_CONTROL))
      throw new Error("a control frame is too long");
  }
}

function headOf(opcode: number, length: number): Buffer {
  const first = 0x80 | opcode;
  if (length < 126) return Buffer.from([first, length]);
  if (length < 65_536) return Buffer.from([first, 126, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
