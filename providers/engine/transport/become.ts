// How a command is made to run as root on a host. Knows sudo and nothing of transports.
import { FairleadError } from "../../../resources/errors.ts";
import type { ExecResult } from "./transport.ts";

export interface Become {
  /** Whether sudo may be used at all. Default true. */
  readonly become?: boolean | undefined;
  /** The user's password, for hosts where sudo asks for one. */
  readonly becomePassword?: string | undefined;
}

/** A command and what must be written to its input before anything else. */
export interface RootCommand {
  readonly argv: readonly string[];
  readonly prelude: string;
}

// The test costs no round trip, and is right for root under another name as well.
const WITHOUT_PASSWORD = 'if [ "$(id -u)" = 0 ]; then exec "$@"; fi; exec sudo -n -- "$@"';
// The password comes as the first line of input, never as an argument. `read` takes one byte at a
// time from a pipe (POSIX asks for it), so that the rest is left to the command; -k makes sudo ask
// even when it remembers the user, so that the line is always consumed.
const WITH_PASSWORD = `if [ "$(id -u)" = 0 ]; then IFS= read -r _; exec "$@"; fi
if sudo -n true </dev/null 2>/dev/null; then IFS= read -r _; exec sudo -n -- "$@"; fi
exec sudo -k -S -p "" -- "$@"`;

/** The same program as root: as it is when the user is root, else by way of sudo. */
export function asRoot(argv: readonly string[], by: Become): RootCommand {
  if (by.become === false) return { argv, prelude: "" };
  const { becomePassword: password } = by;
  const script = password === undefined ? WITHOUT_PASSWORD : WITH_PASSWORD;
  if (password !== undefined && /[\n\0]/.test(password)) {
    throw new FairleadError("invalid", "becomePassword holds a line break or a NUL byte", {
      path: "becomePassword",
    });
  }
  const prelude = password === undefined ? "" : `${password}\n`;
  return { argv: ["/bin/sh", "-c", script, "sh", ...argv], prelude };
}

/** Throws `forbidden`, with what to do, when the result says that sudo would not let us. */
export function refuseWithoutRoot(result: ExecResult, host: string): void {
  if (result.code === 0) return;
  const line = result.stderr.split("\n").find((text) => isSudoRefusal(text));
  if (line === undefined) return;
  throw new FairleadError("forbidden", `${host}: cannot become root: ${line.trim()}`, {
    path: "become",
    hint:
      "connect as root, or set becomePassword, or allow sudo without one: " +
      "echo 'USER ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/USER",
  });
}

/** Whether a line of a command's standard error is sudo's own refusal. */
export function isSudoRefusal(line: string): boolean {
  // "sudo: PROGRAM: command not found" means that we may, and that the program is absent.
  if (/^sudo: .+: command not found/.test(line)) return false;
  return /^sudo: |sudo: (command )?not found|is not in the sudoers file|^Sorry, /.test(line);
}
