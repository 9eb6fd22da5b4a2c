// Docker's multiplexed stream: frames of 8 bytes of header and a payload (Engine API, "Attach").
import type { Readable } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Output } from "../engine.ts";

const NAMES = ["stdin", "stdout", "stderr"] as const;
const HEADER_BYTES = 8;

/** The payloads in order, as they arrive: a long frame comes in several pieces. */
export async function* framesOf(stream: Readable): AsyncGenerator<Output> {
  let header = Buffer.alloc(0);
  let left = 0;
  let from: Output["from"] = "stdout";
  for await (const chunk of stream) {
    let rest: Buffer = Buffer.from(chunk);
    while (rest.length > 0) {
      if (left > 0) {
        const bytes = rest.subarray(0, left);
        left -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { from, bytes };
        continue;
      }
      const missing = HEADER_BYTES - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < HEADER_BYTES) continue;
      from = nameOf(header);
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
  if (left > 0 || header.length > 0) {
    throw new FairleadError("unavailable", "the stream ended in the middle of a frame");
  }
}

/** What a terminal wrote, which has no frames. */
export async function* rawOf(stream: Readable): AsyncGenerator<Output> {
  for await (const chunk of stream) yield { from: "stdout", bytes: Buffer.from(chunk) };
}

function nameOf(header: Buffer): Output["from"] {
  const name = NAMES[header[0]!];
  if (name !== undefined && header[1] === 0 && header[2] === 0 && header[3] === 0) return name;
  throw new FairleadError("internal", "the engine sent something else than a framed stream");
}
