// How a command is made to run as root on a host. Knows sudo and nothing of transports.
import { FairleadError } from "../../../resources/errors.ts";
import type { ExecResult } from "./transport.ts";

// The test costs no round trip, and is right for root under another name as well.
const SCRIPT = 'if [ "$(id -u)" = 0 ]; then exec "$@"; fi; exec sudo -n -- "$@"';

/** The same program as root: as it is when the user is root, else by way of `sudo -n`. */
export function asRoot(argv: readonly string[]): string[] {
  return ["/bin/sh", "-c", SCRIPT, "sh", ...argv];
}

/** Throws `forbidden`, with what to do, when the result says that sudo would not let us. */
export function refuseWithoutRoot(result: ExecResult, host: string): void {
  if (result.code === 0) return;
  const line = result.stderr.split("\n").find((text) => text.startsWith("sudo:")) ?? "";
  const absent = result.code === 127 && /sudo/.test(result.stderr);
  if (line === "" && !absent) return;
  throw new FairleadError(
    "forbidden",
    `${host}: no root without a password: ${line || "no sudo"}`,
    {
      path: host,
      hint: "connect as root, or allow the user: echo 'USER ALL=(ALL) NOPASSWD: ALL' in /etc/sudoers.d",
    },
  );
}
