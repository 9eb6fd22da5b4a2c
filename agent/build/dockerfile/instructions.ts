// The instructions of a Dockerfile: which there are, which flags each takes, and the forms of their
// arguments (https://docs.docker.com/reference/dockerfile).
import { at, type Heredoc, type Line } from "./lines.ts";
import { jsonWords, splitFlags } from "./words.ts";

export interface Instruction {
  keyword: string;
  /** From 1. */
  number: number;
  flags: ReadonlyMap<string, string[]>;
  /** What follows the flags. */
  text: string;
  heredocs: Heredoc[];
  /** As it was written, on one line, for people. */
  shown: string;
}

const FLAGS: Record<string, readonly string[]> = {
  ADD: ["chown", "chmod", "link", "checksum", "exclude", "unpack", "keep-git-dir"],
  ARG: [],
  CMD: [],
  COPY: ["from", "chown", "chmod", "link", "parents", "exclude"],
  ENTRYPOINT: [],
  ENV: [],
  EXPOSE: [],
  FROM: ["platform"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
  LABEL: [],
  MAINTAINER: [],
  ONBUILD: [],
  RUN: ["mount", "network", "security"],
  SHELL: [],
  STOPSIGNAL: [],
  USER: [],
  VOLUME: [],
  WORKDIR: [],
};
const REPEATED = ["mount", "exclude"];
const MOST_FLAGS = 1_000;

/** Reads one instruction; `invalid` with its line for what is no instruction or no flag of it. */
export function readInstruction(line: Line, escapeChar: string): Instruction {
  const { keyword, number } = line;
  const known = Object.hasOwn(FLAGS, keyword) ? FLAGS[keyword]! : undefined;
  if (known === undefined) throw at(number, `unknown instruction: ${keyword.slice(0, 80)}`);
  // These pass their whole text on to another instruction or to a command.
  const plain = known.length === 0;
  const { flags, rest } = plain
    ? { flags: [], rest: line.text }
    : splitFlags(line.text, escapeChar);
  if (flags.length > MOST_FLAGS) throw at(number, `${keyword} has more than ${MOST_FLAGS} flags`);
  const read = new Map<string, string[]>();
  for (const { name, value = "true" } of flags) {
    if (!known.includes(name)) throw at(number, `unknown flag: --${name}`, hintOf(known));
    if (read.has(name) && !REPEATED.includes(name)) {
      throw at(number, `flag --${name} may stand once only`);
    }
    read.set(name, [...(read.get(name) ?? []), value]);
  }
  const shown = `${keyword} ${line.text}`.trim();
  if (rest.trim() === "") throw at(number, `${keyword} requires at least one argument`);
  return { keyword, number, flags: read, text: rest, heredocs: line.heredocs, shown };
}

function hintOf(known: readonly string[]): string {
  return known.length > 0 ? `it takes --${known.join(", --")}` : "it takes none";
}

/** The value of a flag that may stand once. */
export function flagOf({ flags }: Instruction, name: string): string | undefined {
  return flags.get(name)?.at(-1);
}

/** Whether a flag that is true or false is set. */
export function isSet(instruction: Instruction, name: string): boolean {
  const value = flagOf(instruction, name);
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw at(instruction.number, `--${name} is true or false, not ${JSON.stringify(value)}`);
}

/** The command of CMD, ENTRYPOINT, RUN and HEALTHCHECK CMD: its own words, or one for a shell. */
export function commandOf(text: string, shell: readonly string[]): string[] {
  return jsonWords(text) ?? [...shell, text];
}
