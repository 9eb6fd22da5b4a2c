// The grammar of .env and env_file files, as compose-go reads them: comments, `export`, quotes,
// escapes, values over several lines, and variables in unquoted and double-quoted values.
import { type Lookup, substitute } from "./template.ts";

/** An error in an env file, with its line. */
export class DotenvError extends Error {
  override readonly name = "DotenvError";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

// What Go's unicode.IsSpace says, without the line feed.
const SPACE = "[\\t\\v\\f\\r \\u0085\\u00a0]";
const LEADING = new RegExp(`^${SPACE}+`);
const NAME_CHARACTER = /[\p{L}\p{N}_.\-[\]]/u;
const ESCAPES: Record<string, string> = {
  a: "\x07",
  b: "\b",
  c: "\\c",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  '"': '"',
  "\\": "\\",
  // Left for the substitution of variables, in which $$ is a dollar sign.
  $: "$$",
};

/**
 * Adds the variables of a file to `into`. A name without a value takes its value from `lookup`;
 * variables in values come from `lookup` first, then from `into`.
 */
export function parseDotenv(text: string, into: Map<string, string>, lookup: Lookup): void {
  new Reader(text.replace(/^\ufeff/, ""), into, lookup).read();
}

class Reader {
  #rest: string;
  #line = 1;
  readonly #into: Map<string, string>;
  readonly #lookup: Lookup;

  constructor(text: string, into: Map<string, string>, lookup: Lookup) {
    this.#rest = text;
    this.#into = into;
    this.#lookup = lookup;
  }

  read(): void {
    while (this.#toStatement()) {
      const { name, hasValue } = this.#name();
      if (name.includes(" ")) throw new DotenvError("a name cannot contain a space", this.#line);
      if (hasValue) {
        this.#into.set(name, this.#value());
      } else {
        const inherited = this.#lookup(name);
        if (inherited !== undefined) this.#into.set(name, inherited);
      }
    }
  }

  /** Skips white space and comments; false at the end of the file. */
  #toStatement(): boolean {
    const skipped = /^(?:\s|#[^\n]*(?:\n|$))*/.exec(this.#rest)?.[0] ?? "";
    this.#take(skipped.length);
    return this.#rest !== "";
  }

  #take(length: number): string {
    const taken = this.#rest.slice(0, length);
    this.#line += taken.split("\n").length - 1;
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  #name(): { name: string; hasValue: boolean } {
    if (/^export\s+/.test(this.#rest)) {
      this.#take("export".length);
      this.#take(LEADING.exec(this.#rest)?.[0].length ?? 0);
    }
    let end = 0;
    for (const character of this.#rest) {
      if (character === "=" || character === ":" || character === "\n") {
        const name = this.#take(end).trimEnd();
        const hasValue = this.#take(1) !== "\n";
        this.#take(LEADING.exec(this.#rest)?.[0].length ?? 0);
        return { name, hasValue };
      }
      if (!NAME_CHARACTER.test(character) && !new RegExp(SPACE).test(character)) {
        const line = this.#rest.split("\n")[0];
        const shown = JSON.stringify(character);
        const message = `unexpected character ${shown} in the name ${JSON.stringify(line)}`;
        throw new DotenvError(message, this.#line);
      }
      end += character.length;
    }
    // The last line of a file that ends without a line feed names a variable to inherit.
    return { name: this.#take(end).trimEnd(), hasValue: false };
  }

  #value(): string {
    const quote = this.#rest[0];
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const end = this.#rest.indexOf("\n");
    const line = this.#take(end === -1 ? this.#rest.length : end);
    const value = (line.split(" #")[0] ?? "").trimEnd();
    this.#take(1);
    return this.#expanded(value);
  }

  #quoted(quote: string): string {
    const started = this.#line;
    let value = "";
    let index = 1;
    for (; index < this.#rest.length; index += 1) {
      const character = this.#rest[index] ?? "";
      if (character === quote) break;
      const next = this.#rest[index + 1];
      if (character === "\\" && next !== undefined) {
        value += next === quote ? quote : `\\${next}`;
        index += 1;
      } else {
        value += character;
      }
    }
    if (index >= this.#rest.length) {
      const line = this.#rest.split("\n")[0];
      throw new DotenvError(`the quote of ${line} is never closed`, started);
    }
    this.#take(index + 1);
    return quote === '"' ? this.#expanded(withEscapes(value)) : value;
  }

  #expanded(value: string): string {
    return substitute(value, (name) => this.#lookup(name) ?? this.#into.get(name));
  }
}

function withEscapes(value: string): string {
  return value.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (found, code: string) => {
    if (!code.startsWith("0")) return ESCAPES[code] ?? found;
    return /^0[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : found;
  });
}
