// Substitutes variables in text: every form of the Compose Specification, as compose-go reads it.
// It knows nothing of files or paths.

/** Gives a variable's value; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What went wrong in a template: malformed, or a required variable is missing. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly variable: string | undefined;

  constructor(message: string, variable?: string) {
    super(message);
    this.variable = variable;
  }
}

/** Defaults nest at most this deep: `${A:-${B:-${C}}}`. */
const MAX_DEPTH = 50;
/** A text with its variables replaced is refused when it gets longer: no process can take it. */
const MAX_LENGTH = 1024 * 1024;
const NAME = "[_a-zA-Z][_a-zA-Z0-9]*";
// The braced form reaches to the last brace of the line; the matching one is found afterwards.
const VARIABLE = new RegExp(
  `\\$(?:(?<escaped>\\$)|(?<named>${NAME})` +
    `|\\{(?:(?<braced>${NAME}(?::?[-+?][^\\n]*)?)\\}|(?<invalid>)))`,
  "g",
);
const BRACED = new RegExp(`^(?<name>${NAME})(?:(?<operator>:?[-+?])(?<word>[\\s\\S]*))?$`);

/** The text with its variables replaced; `missing` is told of each without value or default. */
export function substitute(
  text: string,
  lookup: Lookup,
  missing: (name: string) => void = () => {},
  depth = 0,
): string {
  if (depth > MAX_DEPTH) throw new TemplateError("variables nest too deeply");
  if (!text.includes("$")) return text;
  let length = 0;
  return text.replace(VARIABLE, (found: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const value = replacement(found, groups, text, lookup, missing, depth);
    length += value.length;
    if (length > MAX_LENGTH) throw new TemplateError("its variables make it longer than 1 MB");
    return value;
  });
}

function replacement(
  found: string,
  groups: Record<string, string | undefined>,
  text: string,
  lookup: Lookup,
  missing: (name: string) => void,
  depth: number,
): string {
  if (groups.escaped !== undefined) return "$";
  if (groups.named !== undefined) return plain(groups.named, lookup, missing);
  if (groups.braced === undefined) {
    throw new TemplateError(`invalid variable in ${JSON.stringify(text.slice(0, 200))}`);
  }
  const close = closingBrace(found);
  const inner = close === -1 ? groups.braced : found.slice(2, close);
  const value = braced(inner, text, lookup, missing, depth);
  const after = close === -1 ? "" : found.slice(close + 1);
  return value + substitute(after, lookup, missing, depth + 1);
}

function plain(name: string, lookup: Lookup, missing: (name: string) => void): string {
  const value = lookup(name);
  if (value === undefined) missing(name);
  return value ?? "";
}

function braced(
  inner: string,
  text: string,
  lookup: Lookup,
  missing: (name: string) => void,
  depth: number,
): string {
  const parts = BRACED.exec(inner)?.groups;
  if (parts?.name === undefined) {
    throw new TemplateError(`invalid variable in ${JSON.stringify(text)}`);
  }
  const { name, operator, word = "" } = parts;
  if (operator === undefined) return plain(name, lookup, missing);
  const value = lookup(name);
  const given = operator.startsWith(":")
    ? value !== undefined && value !== ""
    : value !== undefined;
  const expand = () => substitute(word, lookup, missing, depth + 1);
  if (operator.endsWith("-")) return given ? (value ?? "") : expand();
  if (operator.endsWith("+")) return given ? expand() : (value ?? "");
  if (given) return value ?? "";
  const reason = expand();
  throw new TemplateError(
    `required variable ${name} is missing a value${reason === "" ? "" : `: ${reason}`}`,
    name,
  );
}

/** The index of the brace that closes the first one; -1 when none does. */
function closingBrace(text: string): number {
  let open = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === "}") {
      open -= 1;
      if (open === 0) return index;
    } else if (text[index] === "{") {
      open += 1;
      // As compose-go does: the character after an opening brace is never a closing one.
      index += 1;
    }
  }
  return -1;
}
