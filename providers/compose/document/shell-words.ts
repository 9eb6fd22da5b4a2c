// Splits a command line into words as mattn/go-shellwords does, which Compose uses for `command`:
// quotes and backslashes count; variables, globs and substitutions are not carried out.

/**
 * The words, up to the first unquoted `;`, `|`, `&`, `<` or `>`; undefined when a quote stays open
 * or a parenthesis stands outside of quotes.
 */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  // undefined between words; an empty string is a word once it was quoted.
  let word: string | undefined;
  let escaped = false;
  const open = { single: false, double: false, back: false, dollar: false };
  const quoted = () => open.single || open.double || open.back || open.dollar;
  for (const character of line) {
    if (escaped) {
      word = (word ?? "") + character;
      escaped = false;
      continue;
    }
    if (character === "\\" && !open.single) {
      escaped = true;
      continue;
    }
    if (/[ \t\r\n]/.test(character) && !quoted()) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (/[;|&<>]/.test(character) && !quoted()) {
      // A redirection such as `2>file` takes its number along.
      if (character === ">" && word !== undefined && /^[0-9]/.test(word)) word = undefined;
      break;
    }
    const step = quoting(character, word ?? "", open);
    if (step === "invalid") return undefined;
    if (step === "drop") word ??= "";
    else word = (word ?? "") + character;
  }
  if (escaped || quoted()) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

interface Quotes {
  single: boolean;
  double: boolean;
  back: boolean;
  dollar: boolean;
}

/** Keeps account of the quotes; says whether the character is part of the word. */
function quoting(character: string, word: string, open: Quotes): "keep" | "drop" | "invalid" {
  switch (character) {
    case "`":
      if (!open.single && !open.double && !open.dollar) open.back = !open.back;
      return "keep";
    case "(":
      if (open.single || open.double || open.back) return "keep";
      if (open.dollar || !word.endsWith("$")) return "invalid";
      open.dollar = true;
      return "keep";
    case ")":
      if (!open.single && !open.double && !open.back) open.dollar = !open.dollar;
      return "keep";
    case '"':
      if (open.single || open.dollar) return "keep";
      open.double = !open.double;
      return "drop";
    case "'":
      if (open.double || open.dollar) return "keep";
      open.single = !open.single;
      return "drop";
    default:
      return "keep";
  }
}
