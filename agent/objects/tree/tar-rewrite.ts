// Passes a tar stream on with changed headers, or fails at the first entry that is refused.
import { Readable } from "node:stream";
import { extract, type Header, pack } from "tar-stream";

/** `change` returns the keys of a header that become different; what it throws ends the stream. */
export function rewriteTar(tar: Readable, change: (header: Header) => Partial<Header>): Readable {
  const output = pack();
  const input = extract();
  const fail = (error: Error) => {
    tar.destroy();
    input.destroy();
    output.destroy(error);
  };
  input.on("entry", (header, stream, next) => {
    try {
      // The long forms are written anew from the header's own fields.
      const { pax: _, ...plain } = header;
      const sink = output.entry({ ...plain, ...change(header) }, (error) => next(error));
      // An archive that ends within an entry fails the entry's own streams too.
      stream.on("error", fail);
      sink.on("error", fail);
      stream.pipe(sink);
    } catch (error) {
      fail(error as Error);
    }
  });
  input.on("finish", () => output.finalize());
  input.on("error", fail);
  tar.on("error", fail);
  tar.on("data", (chunk: Buffer) => {
    if (input.write(chunk) === false) tar.pause();
  });
  input.on("drain", () => tar.resume());
  tar.on("end", () => input.end(null));
  return Readable.from(output as AsyncIterable<Buffer>);
}
