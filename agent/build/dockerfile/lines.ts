// A Dockerfile as logical lines: parser directives, comments, continuations and here-documents
// (frontend/dockerfile/parser of BuildKit is the reference). Knows no instruction but by name.
import { FairleadError } from "../../../resources/model/errors.ts";

export interface Heredoc {
  name: string;
  /** Whether variables in it are replaced: not when the name was quoted. */
  expand: boolean;
  content: string;
}

export interface Line {
  /** In upper case. */
  keyword: string;
  /** What follows the keyword, as one line. */
  text: string;
  heredocs: Heredoc[];
  /** From 1. */
  number: number;
}

export interface Lines {
  escapeChar: string;
  /** The frontend that `# syntax=` asks for. */
  syntax: string | undefined;
  lines: Line[];
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/;
const DIRECTIVES = ["syntax", "escape", "check"];
/** Instructions that may hold here-documents; ONBUILD passes its own on. */
const HEREDOC_KEYWORDS = ["RUN", "COPY", "ADD"];
const HEREDOC = /(?:^|\s)(\d*)<<(-?)(?:"([^"\s]+)"|'([^'\s]+)'|([^\s<'"]+))(?=\s|$)/g;
const MOST_BYTES = 10 * 1024 * 1024;

/** Takes a file apart; `invalid` names the line of what is wrong. */
export function readLines(source: string): Lines {
  if (source.length > MOST_BYTES) {
    throw new FairleadError("invalid", "the Dockerfile has more than 10 MB");
  }
  const raw = source
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .split("\n");
  const { directives, first } = readDirectives(raw);
  const escapeChar = directives.get("escape") ?? "\\";
  if (escapeChar !== "\\" && escapeChar !== "`") {
    throw at(1, `the escape directive is ${JSON.stringify(escapeChar)}, not \\ or \``);
  }
  const reader = { raw, next: first, escapeChar };
  const lines: Line[] = [];
  while (reader.next < raw.length) {
    const line = readLine(reader);
    if (line !== undefined) lines.push(line);
  }
  return { escapeChar, syntax: directives.get("syntax"), lines };
}

/** An error of the Dockerfile, with its line. */
export function at(number: number, message: string, hint?: string): FairleadError {
  return new FairleadError("invalid", `Dockerfile line ${number}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

function readDirectives(raw: string[]): { directives: Map<string, string>; first: number } {
  const directives = new Map<string, string>();
  for (const [index, line] of raw.entries()) {
    const [, key = "", value = ""] = DIRECTIVE.exec(line.trim()) ?? [];
    const name = key.toLowerCase();
    if (!DIRECTIVES.includes(name)) return { directives, first: index };
    if (directives.has(name)) throw at(index + 1, `only one ${name} parser directive can be used`);
    directives.set(name, value);
  }
  return { directives, first: raw.length };
}

interface Reader {
  raw: string[];
  next: number;
  escapeChar: string;
}

function readLine(reader: Reader): Line | undefined {
  const number = reader.next + 1;
  const joined = joinContinued(reader);
  if (joined === "") return undefined;
  const [, word = "", text = ""] = /^(\S+)\s*([\s\S]*)$/.exec(joined) ?? [];
  const keyword = word.toUpperCase();
  return { keyword, text, number, heredocs: readHeredocs(reader, keyword, text, number) };
}

/** One logical line; comments and empty lines between its parts are left out, as in BuildKit. */
function joinContinued(reader: Reader): string {
  const { raw, escapeChar } = reader;
  const mark = escapeChar === "`" ? "`" : "\\\\";
  const continued = new RegExp(`(^|[^${mark}])${mark}[ \\t]*$`);
  const parts: string[] = [];
  let open = false;
  while (reader.next < raw.length) {
    const line = raw[reader.next]!;
    reader.next += 1;
    const bare = line.trim();
    if (bare.startsWith("#") || bare === "") {
      if (open) continue;
      return "";
    }
    const part = open ? line : line.trimStart();
    open = continued.test(line);
    parts.push(open ? part.replace(continued, "$1") : part);
    if (!open) break;
  }
  return parts.join("").trimEnd();
}

function readHeredocs(reader: Reader, keyword: string, text: string, number: number): Heredoc[] {
  const subject = keyword === "ONBUILD" ? (text.split(/\s/, 1)[0] ?? "").toUpperCase() : keyword;
  if (!HEREDOC_KEYWORDS.includes(subject)) return [];
  // In the JSON form << is a word like any other.
  if (/^(ONBUILD\s+)?(\S+\s+)?\[/i.test(text) && /\]\s*$/.test(text)) return [];
  return [...text.matchAll(HEREDOC)].map(([, , dash, double, single, bare]) => {
    const name = double ?? single ?? bare ?? "";
    const lines: string[] = [];
    while (true) {
      const line = reader.raw[reader.next];
      if (line === undefined) throw at(number, `the here-document ${name} does not end`);
      reader.next += 1;
      const shown = dash === "-" ? line.replace(/^\t+/, "") : line;
      if (shown === name) break;
      lines.push(shown);
    }
    const content = lines.map((line) => `${line}\n`).join("");
    return { name, expand: bare !== undefined, content };
  });
}
