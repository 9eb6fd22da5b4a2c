import { Readable } from "node:stream";
import { extract, pack } from "tar-stream";
import { expect, test } from "vitest";
import { rewriteTar } from "../../../../agent/objects/tree/tar-rewrite.ts";

async function archive(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: "a", uid: 5 }, "x".repeat(5000));
  tar.entry({ name: "b" }, "y");
  tar.finalize();
  return Buffer.concat(await Readable.from(tar as AsyncIterable<Buffer>).toArray());
}

test("an archive is passed on with changed headers", async () => {
  const passed = rewriteTar(Readable.from([await archive()]), () => ({ uid: 7 }));
  const entries = passed.pipe(extract() as unknown as NodeJS.WritableStream) as never;
  const seen: [string, number | undefined][] = [];
  for await (const entry of entries as ReturnType<typeof extract>) {
    seen.push([entry.header.name, entry.header.uid]);
    entry.resume();
  }
  expect(seen).toEqual([
    ["a", 7],
    ["b", 7],
  ]);
});

test.each([100, 512, 700, 5000, 6000])("one that is cut off after %i bytes fails", async (cut) => {
  const whole = await archive();
  const passed = rewriteTar(Readable.from([whole.subarray(0, cut)]), () => ({}));
  await expect(passed.toArray()).rejects.toThrow(/end of data|header/i);
  // An error of a stream that nobody listens to would end the agent a moment later.
  await new Promise((done) => setTimeout(done, 20));
});
