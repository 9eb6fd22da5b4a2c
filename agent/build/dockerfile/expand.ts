// Variables and quotes in the words of a Dockerfile, by the rules of BuildKit's shell lexer
// (frontend/dockerfile/shell): what a POSIX shell does, without commands and arithmetic.
import { FairleadError } from "../../../resources/model/errors.ts";
import { Glob, type GlobStep } from "./glob.ts";
import { splitWords } from "./words.ts";

export type Variables = ReadonlyMap<string, string>;

/** The text with variables replaced and quotes taken away. */
export function expandWord(text: string, variables: Variables, escapeChar: string): string {
  return new Expansion(text, variables, escapeChar).until(undefined);
}

/** The same for text that stays quoted as it is: here-documents. */
export function expandText(text: string, variables: Variables, escapeChar: string): string {
  return new Expansion(text, variables, escapeChar, true).until(undefined);
}

/** The words of a text, each of which may become several when a variable holds blanks. */
export function expandWords(text: string, variables: Variables, escapeChar: string): string[] {
  return splitWords(text, escapeChar).flatMap((word) => {
    const expanded = expandWord(word, variables, escapeChar);
    return /["']/.test(word) ? [expanded] : expanded.split(/\s+/).filter((part) => part !== "");
  });
}

const NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** A few variables that hold each other twice would fill the memory of the host. */
const LONGEST_TEXT = 1024 * 1024;
const DEEPEST = 100;
const LONGEST_SHOWN = 200;

class Expansion {
  readonly #text: string;
  readonly #variables: Variables;
  readonly #escapeChar: string;
  readonly #raw: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, variables: Variables, escapeChar: string, raw = false) {
    this.#text = text;
    this.#variables = variables;
    this.#escapeChar = escapeChar;
    this.#raw = raw;
  }

  /** Everything up to a closing character, which is consumed, or to the end. */
  until(stop: string | undefined): string {
    let out = "";
    while (this.#at < this.#text.length) {
      if (out.length > LONGEST_TEXT) throw this.#wrong("it becomes longer than 1 MiB");
      const char = this.#text[this.#at]!;
      if (char === stop) {
        this.#at += 1;
        return out;
      }
      if (char === "'" && !this.#raw) out += this.#single();
      else if (char === '"' && !this.#raw) out += this.#double();
      else if (char === "$") out += this.#variable();
      else if (char === this.#escapeChar) out += this.#escaped();
      else {
        out += char;
        this.#at += 1;
      }
    }
    if (stop !== undefined) throw this.#wrong(`${stop} is missing`);
    return out;
  }

  #escaped(): string {
    const next = this.#text[this.#at + 1];
    this.#at += 2;
    if (next === undefined) return this.#raw ? this.#escapeChar : "";
    if (this.#raw && next !== "$" && next !== this.#escapeChar) return this.#escapeChar + next;
    return next;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw this.#wrong("unexpected end of statement while looking for matching '");
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return inner;
  }

  #double(): string {
    this.#at += 1;
    let out = "";
    while (this.#at < this.#text.length) {
      if (out.length > LONGEST_TEXT) throw this.#wrong("it becomes longer than 1 MiB");
      const char = this.#text[this.#at]!;
      if (char === '"') {
        this.#at += 1;
        return out;
      }
      if (char === "$") out += this.#variable();
      else if (char === this.#escapeChar) {
        const next = this.#text[this.#at + 1] ?? "";
        // In double quotes only these three lose their escape character.
        out += next === '"' || next === "$" || next === this.#escapeChar ? next : char + next;
        this.#at += 2;
      } else {
        out += char;
        this.#at += 1;
      }
    }
    throw this.#wrong('unexpected end of statement while looking for matching "');
  }

  #variable(): string {
    this.#at += 1;
    if (this.#text[this.#at] === "{") {
      this.#at += 1;
      return this.#braced();
    }
    const name = this.#name();
    if (name === undefined) return "$";
    return this.#variables.get(name) ?? "";
  }

  #braced(): string {
    const name = this.#name();
    if (name === undefined) throw this.#wrong("bad substitution");
    const rest = this.#text.slice(this.#at, this.#at + 2);
    const [operator = ""] = /^(?::[-+?]|[-+?]|##?|%%?|\/\/?|\})/.exec(rest) ?? [];
    if (operator === "") throw this.#wrong(`unsupported modifier in \${${name}…}`);
    this.#at += operator.length;
    const value = this.#variables.get(name);
    if (operator === "}") return value ?? "";
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#wrong(`more than ${DEEPEST} variables in each other`);
    const changed = this.#changed(name, value, operator);
    this.#depth -= 1;
    return changed;
  }

  #changed(name: string, value: string | undefined, operator: string): string {
    if (operator.startsWith("/")) return this.#replaced(value ?? "", operator === "//");
    const word = this.until("}");
    if (/^[#%]/.test(operator)) return trimmed(value ?? "", word, operator);
    return this.#chosen(name, value, operator, word);
  }

  #name(): string | undefined {
    NAME.lastIndex = this.#at;
    const [name] = NAME.exec(this.#text) ?? [];
    this.#at += name?.length ?? 0;
    return name;
  }

  #chosen(name: string, value: string | undefined, operator: string, word: string): string {
    const isSet = operator.startsWith(":")
      ? value !== undefined && value !== ""
      : value !== undefined;
    if (operator.endsWith("-")) return isSet ? value! : word;
    if (operator.endsWith("+")) return isSet ? word : "";
    if (isSet) return value!;
    throw this.#wrong(`${name}: ${word === "" ? "not set" : word}`);
  }

  #replaced(value: string, all: boolean): string {
    const pattern = this.until("/");
    const by = this.until("}");
    const chars = [...value];
    let out = "";
    let last = 0;
    for (const [from, to] of shellGlob(pattern).all(chars, !all)) {
      out += chars.slice(last, from).join("") + by;
      last = to;
      if (out.length > LONGEST_TEXT) throw this.#wrong("it becomes longer than 1 MiB");
    }
    return out + chars.slice(last).join("");
  }

  #wrong(message: string): FairleadError {
    return new FairleadError(
      "invalid",
      `failed to process ${JSON.stringify(this.#text.slice(0, LONGEST_SHOWN))}: ${message}`,
    );
  }
}

/** `#` and `##` take the shortest and the longest match off the beginning, `%` and `%%` the end. */
function trimmed(value: string, pattern: string, operator: string): string {
  const glob = shellGlob(pattern);
  const chars = [...value];
  const longest = operator.length === 2;
  if (operator.startsWith("#")) return chars.slice(glob.end(chars, 0, longest) ?? 0).join("");
  const taken = glob.reversed().end(chars.toReversed(), 0, longest) ?? 0;
  return chars.slice(0, chars.length - taken).join("");
}

const ANY: GlobStep = { accepts: () => true, repeats: false };

function shellGlob(pattern: string): Glob {
  return new Glob(
    [...pattern].map((char) => {
      if (char === "*") return { ...ANY, repeats: true };
      return char === "?" ? ANY : { accepts: (one) => one === char, repeats: false };
    }),
  );
}
