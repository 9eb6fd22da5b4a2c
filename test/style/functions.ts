// Finds C++ functions that are too long, by indentation: a body ends at the first line that closes
// at the column where its head began. (TypeScript's are checked by the linter.)

const HEAD = /^(\s*)[\w:<>,&*~ []+\(.*\{$/;
const STATEMENT = /^\s*(namespace|class|struct|enum|extern|switch|if|for|while|else|do|union)\b/;

/** `file:line (lines)` for each function of more than `limit` lines. */
export function longFunctions(file: string, text: string, limit: number): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const head = STATEMENT.test(line) ? null : HEAD.exec(line);
    if (!head) return [];
    const close = new RegExp(`^${head[1]}\\}`);
    const length = lines.slice(start + 1).findIndex((candidate) => close.test(candidate)) + 2;
    return length > limit ? [`${file}:${start + 1} (${length} lines)`] : [];
  });
}
