// What a command is: how it is called, what help says of it, and what carries it out.
import type { Flags, HostSession } from "./host-session.ts";
import type { Session } from "./session.ts";

export type CommandDefinition = OfHosts | OfFiles;

interface Described {
  /** One of a group has the group's name before its own: `host ls`. */
  name: string;
  summary: string;
  /** As in `[services...]`, with what it is. */
  args?: readonly (readonly [syntax: string, description: string])[];
  options?: readonly CommandOption[];
  /** A line to try; help shows it. */
  example: string;
  /** Short options of every command that mean something else here: `-f`, `-p`. */
  without?: readonly string[];
  /** What follows the first argument is another program's, options too. */
  passThrough?: boolean;
}

interface OfHosts extends Described {
  needs?: "hosts";
  run(session: HostSession, args: CommandArguments, flags: Flags): Promise<void>;
}

/** One that has nothing to do with hosts: no code for them is loaded. */
interface OfFiles extends Described {
  needs: "files";
  run(session: Session, args: CommandArguments, flags: Flags): Promise<void>;
}

/** One that is a `list` is given several times; one with choices takes nothing else. */
export type CommandOption = readonly [
  flags: string,
  description: string,
  kind?: "list" | readonly string[],
];

/** What was given for each of `args`: a word, or the words of a list. */
export type CommandArguments = readonly (string | string[])[];

/** The words of an argument that is a list. */
export function wordsOf(args: CommandArguments, at = 0): string[] {
  const found = args[at];
  return Array.isArray(found) ? found : found === undefined ? [] : [found];
}

export const SERVICES = [["[services...]", "only these services"]] as const;
export const SERVICES_AND_NEEDS = [
  ["[services...]", "only these services and what they need"],
] as const;
