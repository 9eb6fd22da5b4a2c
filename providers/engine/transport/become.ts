// How a command is made to run as root on a host. Knows sudo and nothing of transports.
import { randomBytes } from "node:crypto";
import { FairleadError } from "../../../resources/model/errors.ts";
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
// The password comes as the first line of input, never as an argument. sudo takes it, unless it
// asks for none: a rule may allow some commands without. So a line that nobody could guess follows,
// and whatever stands before it is dropped, as root, before the command reads anything. `read`
// takes one byte at a time from a pipe (POSIX asks for it), which leaves the rest to the command.
// The variable is unset on both sides: one that the environment has already would be handed on.
const DROP_LINES =
  'unset line; while IFS= read -r line; do [ "$line" = "$0" ] && break; done; ' +
  'unset line; exec "$@"';
// -k makes sudo ask even when it remembers the user. $0 is the line, $1 what drops those before it.
const WITH_PASSWORD = `drop=$1; shift
if [ "$(id -u)" = 0 ]; then exec /bin/sh -c "$drop" "$0" "$@"; fi
if sudo -n true </dev/null 2>/dev/null; then exec sudo -n -- /bin/sh -c "$drop" "$0" "$@"; fi
exec sudo -k -S -p "" -- /bin/sh -c "$drop" "$0" "$@"`;

/** The same program as root: as it is when the user is root, else by way of sudo. */
export function asRoot(argv: readonly string[], by: Become): RootCommand {
  if (by.become === false) return { argv, prelude: "" };
  const { becomePassword: password } = by;
  if (password === undefined) {
    return { argv: ["/bin/sh", "-c", WITHOUT_PASSWORD, "sh", ...argv], prelude: "" };
  }
  if (/[\n\0]/.test(password)) {
    throw new FairleadError("invalid", "becomePassword holds a line break or a NUL byte", {
      path: "becomePassword",
    });
  }
  const line = `fairlead-${randomBytes(16).toString("hex")}`;
  const prelude = `${password}\n${line}\n`;
  return { argv: ["/bin/sh", "-c", WITH_PASSWORD, line, DROP_LINES, ...argv], prelude };
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
