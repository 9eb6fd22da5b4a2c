// Reads answers that are one JSON value a line: progress of pulls and loads, events.
import type { Readable } from "node:stream";
import { codeOf, FairleadError } from "../../../resources/model/errors.ts";
import { printable } from "../report/printable.ts";

const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** The values as they come; a line that reports an error throws it. */
export async function* jsonLines<T>(stream: Readable): AsyncGenerator<T> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let bytes: Buffer = Buffer.from(chunk);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      const line = Buffer.concat([...rest, bytes.subarray(0, end)]);
      rest = [];
      length = 0;
      bytes = bytes.subarray(end + 1);
      if (line.length > 0) yield parse<T>(line);
    }
    length += bytes.length;
    if (length > MAX_LINE_BYTES) throw new FairleadError("internal", "a line of 16 MiB came");
    if (bytes.length > 0) rest.push(bytes);
  }
  const last = Buffer.concat(rest);
  if (last.toString("utf8").trim() !== "") yield parse<T>(last);
}

interface ErrorLine {
  error?: unknown;
  errorDetail?: { message?: unknown; code?: unknown };
}

function parse<T>(line: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch (cause) {
    throw new FairleadError("internal", "the engine sent a line that is not JSON", { cause });
  }
  const { error, errorDetail } = (value ?? {}) as ErrorLine;
  // Docker reports a failure in the stream, after a status of 200.
  if (typeof error !== "string" && typeof errorDetail?.message !== "string") return value as T;
  const message = printable(String(errorDetail?.message ?? error));
  const status = errorDetail?.code;
  throw new FairleadError(typeof status === "number" ? codeOf(status) : "internal", message);
}
