// Finds what is still whole in the text of a record that is no JSON any more: one value by its key.

/** The first whole value of a key, wherever it stands; undefined when none is left. */
export function salvage(text: string, key: string): unknown {
  const mark = `${JSON.stringify(key)}:`;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    const start = at + mark.length;
    const end = endOfValue(text, start);
    if (end === undefined) continue;
    try {
      return JSON.parse(text.slice(start, end));
    } catch {
      // Damaged as well: the key may stand in another place.
    }
  }
  return undefined;
}

/** The same when the value is text. */
export function salvageText(text: string, key: string): string | undefined {
  const value = salvage(text, key);
  return typeof value === "string" ? value : undefined;
}

/** The same when the value is an object of texts, such as labels. */
export function salvageTexts(text: string, key: string): Record<string, string> | undefined {
  const value = salvage(text, key);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([, one]) => typeof one === "string")
    ? Object.fromEntries(entries)
    : undefined;
}

/** Where the value that begins at `start` ends; undefined when the text ends first. */
function endOfValue(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
      if (!quoted && depth === 0) return at + 1;
    } else if (char === '"') quoted = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (char === "," && depth === 0) return at;
  }
  return undefined;
}
