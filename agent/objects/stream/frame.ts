// Docker's framing of output without a terminal: 8 bytes (stream, three zeros, length as a
// big-endian number), then so many bytes of that stream.
import { Transform } from "node:stream";

const HEADER_BYTES = 8;

export function frameOf(stream: "stdout" | "stderr", payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = stream === "stdout" ? 1 : 2;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Frames what a terminal printed, all of which is stdout. */
export function framed(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, frameOf("stdout", chunk));
    },
  });
}

/** Takes the frames away, so that both streams run together. */
export function unframed(): Transform {
  const frames = new Unframer();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const payload of frames.add(chunk)) this.push(payload);
      done();
    },
  });
}

/** Finds what is in frames that arrive in pieces. */
export class Unframer {
  #header = Buffer.alloc(0);
  #left = 0;

  *add(chunk: Buffer): Generator<Buffer> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) {
        const wanted = HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (this.#header.length < HEADER_BYTES) return;
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
      }
      const payload = rest.subarray(0, this.#left);
      if (payload.length > 0) yield payload;
      this.#left -= payload.length;
      rest = rest.subarray(payload.length);
    }
  }
}
