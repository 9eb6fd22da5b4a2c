// Runs `fairlead-runtime pack`, which writes parts of a tree as a layer; the only place that knows
// its command line.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import type { StorageChange } from "../storage/driver/driver.ts";

/** A part of a layer; paths have no leading slash, and the root is ".". */
export type Part =
  | { take: string; as?: string }
  /** A directory of its own, not from the tree. */
  | { directory: string }
  /** What the layers below have there is gone. */
  | { deleted: string };

/** What changed in a container as the parts of a layer. */
export function layerParts(changes: readonly StorageChange[]): Part[] {
  return changes.map(({ path, kind }) =>
    kind === "deleted" ? { deleted: path.slice(1) } : { take: path.slice(1) },
  );
}

export interface PackRequest {
  /** Nothing outside of it is read, whatever links it holds. */
  directory: string;
  parts: Iterable<Part>;
  uid?: number | undefined;
  gid?: number | undefined;
  mode?: number | undefined;
  /** Seconds since 1970: later times are written as this one. */
  latest?: number | undefined;
  signal?: AbortSignal;
}

/** The tar stream of the parts, in their order; its failure is the stream's error. */
export type Packer = (request: PackRequest) => Readable;

export function nativePacker(binary: string): Packer {
  return (request) => {
    const child = spawn(binary, argvOf(request), {
      stdio: ["pipe", "pipe", "pipe"],
      ...(request.signal === undefined ? {} : { signal: request.signal, killSignal: "SIGKILL" }),
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (complaint.length < 64 * 1024) complaint += String(chunk);
    });
    // It ends early when it refuses a part; what it says then tells more than EPIPE.
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${[...request.parts].map(textOf).join("\0")}\0`);
    return outputOf(child, () => complaint);
  };
}

/**
 * The output, which ends only when the program has ended well. It is taken over at once: Node
 * throws away what nobody reads of a process that has ended.
 */
function outputOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  complaint: () => string,
) {
  const out = new PassThrough();
  child.stdout.pipe(out, { end: false });
  child.once("error", (error) => out.destroy(error));
  child.once("close", (code) => {
    if (code === 0) out.end();
    else out.destroy(failure(complaint()));
  });
  return out;
}

function argvOf({ directory, uid, gid, mode, latest }: PackRequest): string[] {
  const option = (name: string, value: string | undefined) => (value ? [name, value] : []);
  return [
    ...["pack", "--root", directory],
    ...option("--uid", uid?.toString()),
    ...option("--gid", gid?.toString()),
    ...option("--mode", mode?.toString(8)),
    ...option("--latest", latest?.toString()),
  ];
}

function textOf(part: Part): string {
  if ("deleted" in part) return `-${part.deleted}`;
  if ("directory" in part) return `/${part.directory}`;
  return part.as === undefined ? `+${part.take}` : `=${part.take}\0${part.as}`;
}

function failure(complaint: string): FairleadError {
  try {
    const { message, path } = JSON.parse(complaint);
    return new FairleadError("internal", `cannot pack: ${message}`, { path });
  } catch {
    return new FairleadError("internal", `cannot pack: ${complaint.trim() || "it was killed"}`);
  }
}
