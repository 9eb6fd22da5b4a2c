// What a command is: how it is called, what help says of it, and what carries it out.
import type { Flags, HostSession } from "./host-session.ts";

export interface CommandDefinition {
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
  run(session: HostSession, args: CommandArguments, flags: Flags): Promise<void>;
}

export type CommandOption = readonly [flags: string, description: string, kind?: "list"];

/** What was given for each of `args`: a word, or the words of a list. */
export type CommandArguments = readonly (string | string[])[];

/** The words of an argument that is a list. */
export function wordsOf(args: CommandArguments, at = 0): string[] {
  const found = args[at];
  return Array.isArray(found) ? found : found === undefined ? [] : [found];
}

export const SERVICES = [["[services...]", "only these services"]] as const;
