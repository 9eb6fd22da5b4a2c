// Recognises a full disk, and says so in words.
import { FairleadError } from "../../resources/model/errors.ts";

const CODES = ["ENOSPC", "EDQUOT"];

export function isDiskFull(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: { code?: string } };
  return CODES.includes(code ?? "") || CODES.includes(cause?.code ?? "");
}

/** The same failure as an error that says what to do; it keeps the step that met it. */
export function asDiskFull(error: unknown): FairleadError {
  if (error instanceof FairleadError) return error;
  const { message } = error as Error;
  return new FairleadError("internal", `the disk is full: ${message}`, {
    hint: "free space (or inodes) on the file system of the agent's --root, then try again",
    cause: error,
  });
}
