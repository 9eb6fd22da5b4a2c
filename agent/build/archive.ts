// Whether a file is an archive that ADD takes apart: tar, plain or compressed in a way we read.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { decompress } from "../images/compression.ts";

const BLOCK = 512;

/** Looks at the first block only; a file that is none of ours is copied as it is. */
export async function isTar(path: string): Promise<boolean> {
  const file = await open(path);
  const head = Buffer.alloc(6);
  await file.read(head, 0, 6, 0).finally(() => file.close());
  const compressed = [
    [0x1f, 0x8b],
    [0x28, 0xb5, 0x2f, 0xfd],
    [0x42, 0x5a, 0x68],
    [0xfd, 0x37],
  ].some((magic) => magic.every((byte, at) => head[at] === byte));
  try {
    const source = createReadStream(path);
    return isTarBlock(await firstBlock(compressed ? await decompress(source) : source));
  } catch {
    return false;
  }
}

async function firstBlock(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const seen: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    seen.push(chunk);
    length += chunk.length;
    if (length >= BLOCK) break;
  }
  return Buffer.concat(seen).subarray(0, BLOCK);
}

/** A header whose sum is right (tar(5)): the magic word alone is not in all of them. */
function isTarBlock(block: Buffer): boolean {
  if (block.length < BLOCK) return false;
  const said = Number.parseInt(block.toString("latin1", 148, 156).replace(/[\0 ]/g, ""), 8);
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : block[at]!;
  return sum === said;
}
