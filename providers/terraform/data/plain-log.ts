// A container's log as lines: Docker's frames of two streams taken apart, or a terminal's bytes.
import type { Readable } from "node:stream";

const MOST_BYTES = 8 << 20;
const HEADER_BYTES = 8;

/** The lines of a log that ends, at most the last 8 MiB of it. */
export async function plainLog(body: Readable, tty: boolean): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) break;
  }
  const bytes = Buffer.concat(chunks);
  const text = (tty ? bytes : unframed(bytes)).toString("utf8");
  return text
    .replace(/\n$/, "")
    .split("\n")
    .filter((line, _, all) => line !== "" || all.length > 1);
}

function unframed(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(parts);
}
