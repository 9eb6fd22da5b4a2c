// Runs `fairlead-runtime unpack` for a tar stream; the only place that knows its command line.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import type { LayerForm } from "../storage/driver/driver.ts";

/** How deletions are kept: in the form of a layer, or not at all: they are applied at once. */
export type Whiteouts = LayerForm | "plain";

export interface UnpackRequest {
  directory: string;
  whiteouts: Whiteouts;
  /** Layers below, topmost first: implied directories take their owner and mode from them. */
  lower?: readonly string[];
  /** Waits until everything is on disk. */
  sync?: boolean;
  signal?: AbortSignal;
}

export interface Unpacked {
  entries: number;
  /** Sum of the sizes of the regular files. */
  bytes: number;
}

/** Applies an uncompressed tar stream to a directory; `invalid` when the archive is at fault. */
export type Unpacker = (tar: Readable, request: UnpackRequest) => Promise<Unpacked>;

/** Unpacks with the static binary. */
export function nativeUnpacker(binary: string): Unpacker {
  return async (tar, request) => {
    const child = spawn(binary, argvOf(request), {
      stdio: ["pipe", "pipe", "pipe"],
      ...(request.signal === undefined ? {} : { signal: request.signal, killSignal: "SIGKILL" }),
    });
    const ended = exitOf(child);
    const answer = textOf(child.stdout);
    const complaint = textOf(child.stderr);
    // A pipeline that has ended with an error leaves its streams alone, also what they still emit.
    child.stdin.on("error", () => undefined);
    // The unpacker ends early when it refuses an entry; its answer then says more than EPIPE.
    const fed = pipeline(tar, child.stdin).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    const failure = await ended;
    if (failure !== undefined && child.pid === undefined) tar.destroy();
    const broken = await fed;
    const reply = parseReply(await answer);
    if (broken !== undefined && broken.code !== "EPIPE" && broken.code !== "ECONNRESET") {
      throw broken;
    }
    if (failure !== undefined) throw failure;
    if (reply?.ok === true) return { entries: reply.entries, bytes: reply.bytes };
    throw asError(reply?.error, (await complaint).trim());
  };
}

interface Failure {
  step: string;
  errno: number;
  path: string;
  message: string;
}
type Reply = { ok: true; entries: number; bytes: number } | { ok: false; error: Failure };

const { ENOSPC, EDQUOT, EINVAL } = constants.errno;
const OUTPUT_BYTES = 64 * 1024;

function argvOf(request: UnpackRequest): string[] {
  const lower = (request.lower ?? []).flatMap((directory) => ["--lower", directory]);
  const sync = request.sync === true ? ["--sync"] : [];
  return [
    "unpack",
    "--root",
    request.directory,
    "--whiteouts",
    request.whiteouts,
    ...lower,
    ...sync,
  ];
}

function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>) {
  return new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("close", () => resolve(undefined));
  });
}

async function textOf(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    if (text.length < OUTPUT_BYTES) text += String(chunk);
  }
  return text;
}

function parseReply(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    return undefined;
  }
}

function asError(failure: Failure | undefined, complaint: string): FairleadError {
  if (failure === undefined) {
    return new FairleadError(
      "internal",
      `the unpacker ended without an answer${complaint === "" ? "" : `: ${complaint}`}`,
    );
  }
  const message = `cannot unpack: ${failure.message}`;
  if (failure.errno === ENOSPC || failure.errno === EDQUOT) {
    return new FairleadError("internal", message, {
      path: failure.path,
      cause: { code: failure.errno === ENOSPC ? "ENOSPC" : "EDQUOT" },
    });
  }
  if (failure.step === "chown" && failure.errno === EINVAL) {
    return new FairleadError("unsupported", `${message}: its owner has no id here`, {
      path: failure.path,
      hint:
        "this agent is not root and lacks ids: install the package uidmap and give the user " +
        "65536 of them in /etc/subuid and /etc/subgid, then end the agent and start it again",
    });
  }
  return new FairleadError(failure.errno === 0 ? "invalid" : "internal", message, {
    path: failure.path,
  });
}
