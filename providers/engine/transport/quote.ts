// Turns an argument list into one command line for the shell that sshd starts. The only place where
// a command line is made; no name reaches a host's shell by another way.
import { FairleadError } from "../../../resources/model/errors.ts";

// Linux passes at most 128 KiB in one argument (MAX_ARG_STRLEN), and `sh -c LINE` is one.
const MAX_LINE_BYTES = 128 * 1024 - 1;

/**
 * The command line that runs exactly `argv`, whatever the user's login shell is: sh, bash, zsh,
 * fish and csh read it alike. `invalid` for an empty list, a NUL byte or more than 128 KiB.
 */
export function commandLine(argv: readonly string[]): string {
  if (argv.length === 0) throw new FairleadError("invalid", "a command needs a program to run");
  const line = argv.map(quoteArgument).join(" ");
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
    throw new FairleadError("invalid", "a command of more than 128 KiB cannot be run on a host", {
      hint: "send the data on standard input or as a file",
    });
  }
  return line;
}

/** One argument, quoted. */
export function quoteArgument(argument: string): string {
  if (argument.includes("\0")) {
    throw new FairleadError("invalid", "a command argument holds a NUL byte");
  }
  if (/^[A-Za-z0-9_/:.,@%+-]+$/.test(argument)) return argument;
  // fish reads backslashes inside single quotes and csh reads `!` there, so these three stand
  // outside the quotes, where a backslash means the same to every shell.
  const quoted = argument.replace(/[\\'!]/g, (character) => `'\\${character}'`);
  return `'${quoted}'`;
}
