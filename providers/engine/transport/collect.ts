// Feeds a running command and gathers what it says, within bounds. Shared by all transports.
import { Readable, Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ExecOptions } from "./transport.ts";

/** Reads a stream to its end as text; `count` throws when it is too much. */
export async function collectText(
  stream: Readable,
  count: (chunk: Buffer) => void,
): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    count(chunk);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks).toString("utf8");
}

// So much is given at once, so that the host is seen to take it.
const CHUNK_BYTES = 64 * 1024;

/** Writes all of `stdin` and closes; a command that stops reading early is not an error. */
export async function feed(
  stdin: ExecOptions["stdin"],
  into: Writable,
  prelude: string,
  took: () => void,
): Promise<void> {
  let first: "source" | "target" | undefined;
  into.once("error", () => (first ??= "target"));
  into.once("close", () => (first ??= "target"));
  into.on("error", () => {});
  if (prelude !== "") into.write(prelude);
  if (stdin instanceof Uint8Array && stdin.length > CHUNK_BYTES) {
    return feed(Readable.from(piecesOf(stdin)), into, "", took);
  }
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) {
    if (stdin === undefined) into.end();
    else into.end(stdin);
    return;
  }
  stdin.once("error", () => (first ??= "source"));
  stdin.once("close", () => {
    if (!stdin.readableEnded) first ??= "source";
  });
  try {
    await pipeline(stdin, counting(took), into);
  } catch (error) {
    // The command's exit tells why it stopped reading; only our own source's failure counts here.
    if (first !== "target") throw error;
  }
}

// What passes here has made room behind it: the host has taken what was before.
function counting(took: () => void): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => {
      took();
      done(null, chunk);
    },
  });
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** The step that a line of a command's standard error tells; undefined for any other line. */
export function stepIn(line: string): string | undefined {
  return line.startsWith("step: ") ? line.slice("step: ".length) : undefined;
}

/** The last lines of a command's standard error, without the steps that it told. */
export function lastWords(stderr: string, most: number): string {
  const lines = stderr.trim().split("\n");
  return lines
    .filter((line) => stepIn(line) === undefined)
    .slice(-most)
    .join("\n  ");
}
