// Recognises a full disk, and says so in words.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";

const CODES = ["ENOSPC", "EDQUOT"];
const MIB = 1024 * 1024;

export function isDiskFull(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: { code?: string } };
  return CODES.includes(code ?? "") || CODES.includes(cause?.code ?? "");
}

/**
 * The same failure as an error with the path, the space that is left and what to do; any other
 * failure, and one that says this already, as it is.
 */
export async function asDiskFull(error: unknown, path: string): Promise<unknown> {
  if (!isDiskFull(error)) return error;
  if (error instanceof FairleadError && error.message.startsWith(BEGINNING)) return error;
  const { message } = error as Error;
  const left = await spaceLeft(path);
  return new FairleadError("internal", `${BEGINNING}: ${message} (${path}${left})`, {
    path,
    hint:
      "free space or inodes on that file system, for instance with `docker system prune`, " +
      "then try again",
    cause: error,
  });
}

const BEGINNING = "the disk is full";

async function spaceLeft(path: string): Promise<string> {
  for (let at = path; at !== "/"; at = dirname(at)) {
    const seen = await statfs(at).catch(() => undefined);
    if (seen === undefined) continue;
    const bytes = Math.floor((seen.bavail * seen.bsize) / MIB);
    return `: ${bytes} MiB and ${seen.ffree} inodes free`;
  }
  return "";
}
