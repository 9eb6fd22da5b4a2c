// Words of an instruction: split at blanks outside of quotes, with the quotes still in them, and
// the JSON form. Pure text.

/** Splits at blanks; quotes and the escape character keep blanks together and stay in the words. */
export function splitWords(
  text: string,
  escapeChar: string,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const words: string[] = [];
  let word = "";
  let started = false;
  let quote = "";
  for (let index = 0; index < text.length && words.length < most; index += 1) {
    const char = text[index]!;
    if (quote !== "") {
      word += char;
      if (char === escapeChar && quote === '"' && index + 1 < text.length) word += text[++index]!;
      else if (char === quote) quote = "";
      continue;
    }
    if (/\s/.test(char)) {
      if (started) words.push(word);
      word = "";
      started = false;
      continue;
    }
    started = true;
    word += char;
    if (char === escapeChar && index + 1 < text.length) word += text[++index]!;
    else if (char === '"' || char === "'") quote = char;
  }
  if (started && words.length < most) words.push(word);
  return words;
}

/** The strings of `["a", "b"]`; undefined when the text is no such list. */
export function jsonWords(text: string): string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((part) => typeof part === "string")) return value;
  } catch {
    // Docker takes what is no JSON as plain text.
  }
  return undefined;
}

/** The leading `--name=value` and `--name` of an instruction, and the rest of its text. */
export function splitFlags(
  text: string,
  escapeChar: string,
): { flags: { name: string; value: string | undefined }[]; rest: string } {
  const flags: { name: string; value: string | undefined }[] = [];
  let rest = text.trimStart();
  while (rest.startsWith("--")) {
    const [word = ""] = splitWords(rest, escapeChar, 1);
    rest = rest.slice(word.length).trimStart();
    if (word === "--") break;
    const [, name = "", value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    flags.push({ name, value });
  }
  return { flags, rest };
}
