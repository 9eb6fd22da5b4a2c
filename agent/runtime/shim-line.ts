// Reads lines off a stream and leaves the bytes after them in it, so that it can go on as a stream.
import type { Readable } from "node:stream";

/** An answer holds at most a state and a health log, far below this. */
const LINE_BYTES = 1 << 20;

/** The first line; later bytes stay unread. Fails on an early end, at 1 MiB, after timeoutMs. */
export function readLine(stream: Readable, timeoutMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const timer = timeoutMs > 0 ? setTimeout(onTimeout, timeoutMs) : undefined;
    function settle(): void {
      clearTimeout(timer);
      stream
        .off("readable", onReadable)
        .off("end", onEnd)
        .off("close", onEnd)
        .off("error", onError);
    }
    function onError(error: Error): void {
      settle();
      reject(error);
    }
    function onTimeout(): void {
      onError(new Error(`no answer within ${timeoutMs} ms`));
    }
    function onEnd(): void {
      onError(new Error("the connection ended before an answer"));
    }
    function onReadable(): void {
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) {
        const bytes = chunk as Buffer;
        const newline = bytes.indexOf(10);
        parts.push(newline < 0 ? bytes : bytes.subarray(0, newline));
        size += bytes.length;
        if (newline >= 0) {
          settle();
          if (newline + 1 < bytes.length) stream.unshift(bytes.subarray(newline + 1));
          resolve(Buffer.concat(parts).toString("utf8"));
          return;
        }
        if (size > LINE_BYTES) {
          onError(new Error("the answer is longer than 1 MiB"));
          return;
        }
      }
    }
    stream.on("readable", onReadable).on("end", onEnd).on("close", onEnd).on("error", onError);
  });
}

/** Every line until the stream ends or is destroyed; an unfinished last line is not one. */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  while (!stream.destroyed && !stream.readableEnded) {
    let line: string;
    try {
      line = await readLine(stream);
    } catch {
      return;
    }
    yield line;
  }
}
