// Copies unpacked layers over each other, with the static binary.
import { execFile } from "node:child_process";
import { FairleadError } from "../../../resources/model/errors.ts";

/** Copies layers, lowest first, into an empty directory, applying their whiteouts. */
export type Flatten = (layers: readonly string[], directory: string) => Promise<void>;

export function nativeFlatten(binary: string): Flatten {
  return (layers, directory) => {
    const from = layers.flatMap((layer) => ["--layer", layer]);
    const argv = ["unpack", "--root", directory, "--whiteouts", "plain", ...from];
    return new Promise((resolve, reject) => {
      execFile(binary, argv, { maxBuffer: 64 * 1024 }, (error, stdout) => {
        if (error === null) return resolve();
        reject(new FairleadError("internal", `cannot copy the layers: ${reasonOf(stdout, error)}`));
      });
    });
  };
}

function reasonOf(stdout: string, error: Error): string {
  try {
    return String(JSON.parse(stdout).error.message);
  } catch {
    return error.message.slice(0, 500);
  }
}
