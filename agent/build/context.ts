// The context of a build: a tar stream that a client sends, as a folder that goes with the build.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";
import { decompress } from "../images/compression.ts";
import { readRooted } from "../objects/tree/rooted-path.ts";
import type { BuildParts } from "./parts.ts";

const DOCKERFILE_BYTES = 10 * 1024 * 1024;

/** Unpacks the stream, compressed or not, for the time of the work. */
export async function inContext<T>(
  stream: Readable,
  { directory, containers }: BuildParts,
  signal: AbortSignal,
  work: (context: string) => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const context = await mkdtemp(`${directory}/context-`);
  try {
    const tar = await decompress(stream);
    await containers.unpack(tar, { directory: context, whiteouts: "plain", signal });
    return await work(context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The text of a Dockerfile in a context; `invalid` when it is not there. */
export function dockerfileIn(context: string, path: string): string {
  const bytes = readRooted(context, path, DOCKERFILE_BYTES);
  if (bytes !== undefined) return bytes.toString("utf8");
  throw new FairleadError("invalid", `Cannot locate specified Dockerfile: ${path}`);
}
