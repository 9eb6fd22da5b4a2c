// Answers of an engine that count as success, because it is so already.
import { FairleadError } from "../../resources/model/errors.ts";

/** Does the work and takes an answer of `code` for success; undefined then. */
export async function allowing<T>(code: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FairleadError && error.code === code) return undefined;
    throw error;
  }
}

/** What was asked for, or undefined when the engine says that there is no such thing. */
export function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  return allowing("not_found", work);
}
