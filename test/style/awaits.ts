// Finds awaits of C++ that GCC 12 miscompiles, see agent/native/src/base/async.hh: those within a
// condition, and those whose value goes into an operator before it has a name.
const OPERATOR_BEFORE = /(?:&&|\|\||[?!:+*/%-]|[=!<>]=|<)\s*$/;
const OPERATOR_BEHIND = /^\s*(?:&&|\|\||[?:+*/%-]|[=!<>]=|[<>])/;

/** The lines of such awaits. */
export function conditionalAwaits(text: string): number[] {
  const code = text.replace(/\/\/.*/g, (comment) => " ".repeat(comment.length));
  const found: number[] = [];
  for (const { index } of code.matchAll(/\bco_await\b/g)) {
    const before = code.slice(0, index);
    if (inCondition(code, index) || OPERATOR_BEFORE.test(before) || isCompared(code, index))
      found.push(before.split("\n").length);
  }
  return found;
}

/** Whether the parentheses around it are those of `if` and the like; what an `if` begins with,
 * `if (auto got = co_await …; !got)`, is a statement of its own. */
function inCondition(code: string, at: number): boolean {
  let depth = 0;
  let begun = false; // a semicolon stands before it
  for (let i = at - 1; i >= 0; i--) {
    if (code[i] === ";" && depth === 0) begun = true;
    if (code[i] === "{" || code[i] === "}") return false;
    if (code[i] === ")") depth++;
    if (code[i] === "(" && depth-- === 0) {
      if (/\b(for|while|switch)\s*$/.test(code.slice(0, i))) return true;
      if (/\bif\s*$/.test(code.slice(0, i))) return begun || !beforeSemicolon(code, at);
      depth = 0;
    }
  }
  return false;
}

/** Whether a semicolon comes before the parenthesis around it closes. */
function beforeSemicolon(code: string, at: number): boolean {
  let depth = 0;
  for (let i = at; i < code.length; i++) {
    if (code[i] === "(") depth++;
    if (code[i] === ")" && depth-- === 0) return false;
    if (code[i] === ";" && depth === 0) return true;
  }
  return false;
}

/** Whether an operator follows the call that is awaited. */
function isCompared(code: string, at: number): boolean {
  let depth = 0;
  for (let i = at; i < code.length; i++) {
    if (code[i] === "(") depth++;
    if (code[i] === ";" || code[i] === "{") return false;
    if (code[i] === ")" && --depth <= 0)
      return depth === 0 && OPERATOR_BEHIND.test(code.slice(i + 1, i + 40));
  }
  return false;
}
