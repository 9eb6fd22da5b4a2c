import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { framed, frameOf, unframed } from "../../../../agent/objects/stream/frame.ts";

describe("frames", () => {
  const bytes = Buffer.concat([
    frameOf("stdout", Buffer.from("one")),
    frameOf("stderr", Buffer.alloc(0)),
    frameOf("stderr", Buffer.from("two")),
  ]);
  test.each([1, 3, 7, 8, 100])("are taken away when they arrive in pieces of %i", async (size) => {
    const stream = unframed();
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    expect(await text(stream)).toBe("onetwo");
  });
  test("are put around what a terminal printed", async () => {
    const stream = framed();
    stream.end("hi");
    expect(await text(stream)).toBe("\x01\0\0\0\0\0\0\x02hi");
  });
});
