// Feeds a running command and gathers what it says, within bounds. Shared by all transports.
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ExecOptions } from "./transport.ts";

const DEFAULT_MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Reads a stream to its end as text; `invalid` when it is longer than `maxBytes`. */
export async function collectText(
  stream: Readable,
  maxBytes = DEFAULT_MAX_OUTPUT_BYTES,
): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new FairleadError("invalid", `a command wrote more than ${maxBytes} bytes`);
    }
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Writes all of `stdin` and closes; a command that stops reading early is not an error. */
export async function feed(
  stdin: ExecOptions["stdin"],
  into: Writable,
  prelude = "",
): Promise<void> {
  let first: "source" | "target" | undefined;
  into.once("error", () => (first ??= "target"));
  into.once("close", () => (first ??= "target"));
  into.on("error", () => {});
  if (prelude !== "") into.write(prelude);
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) {
    if (stdin === undefined) into.end();
    else into.end(stdin);
    return;
  }
  stdin.once("error", () => (first ??= "source"));
  stdin.once("close", () => (first ??= "source"));
  try {
    await pipeline(stdin, into);
  } catch (error) {
    // The command's exit tells why it stopped reading; only our own source's failure counts here.
    if (first !== "target") throw error;
  }
}
