// Container ids as names of folders.
import { FairleadError } from "../../../resources/model/errors.ts";

/** A container id as a folder name; anything else is a fault of ours and stays off the disk. */
export function safeId(id: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(id)) {
    throw new FairleadError("internal", `not a container id: ${JSON.stringify(id)}`);
  }
  return id;
}
