// A container's log as lines.
import type { Output } from "../../engine/engine.ts";

const MOST_BYTES = 8 << 20;

/** The lines of a log that ends, at most the first 8 MiB of it. */
export async function logLines(written: AsyncIterable<Output>): Promise<string[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const { bytes } of written) {
    chunks.push(bytes);
    size += bytes.length;
    if (size > MOST_BYTES) break;
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\n$/, "")
    .split("\n")
    .filter((line, _, all) => line !== "" || all.length > 1);
}
