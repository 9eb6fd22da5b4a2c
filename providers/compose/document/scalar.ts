// The type of a plain YAML scalar, as Go's yaml.v3 resolves it, and how Go prints it back.
import type { Scalar } from "./node.ts";

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGERS: readonly (readonly [RegExp, string])[] = [
  [/^[-+]?(0|[1-9][0-9]*)$/, ""],
  [/^[-+]?0x[0-9a-fA-F]+$/, "0x"],
  [/^[-+]?0b[01]+$/, "0b"],
  [/^[-+]?0o[0-7]+$/, "0o"],
  [/^[-+]?0[0-7]+$/, "0"],
];
const WORDS = new Map<string, Scalar>([
  ["", null],
  ["~", null],
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  [".nan", Number.NaN],
  [".NaN", Number.NaN],
  [".NAN", Number.NaN],
]);

/** The value of an unquoted scalar. Unlike YAML 1.2, `0755` is octal, and `1_000` a number. */
export function resolvePlain(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) {
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.replaceAll("_", "");
  for (const [form, prefix] of INTEGERS) {
    if (form.test(digits)) return integer(digits, prefix);
  }
  return FLOAT.test(digits) ? Number(digits) : text;
}

function integer(digits: string, prefix: string): number | bigint {
  const negative = digits.startsWith("-");
  const unsigned = digits.replace(/^[-+]/, "");
  const body = prefix === "0" ? `0o${unsigned.slice(1)}` : unsigned;
  const value = negative ? -BigInt(body) : BigInt(body);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A scalar as Go's `%v` prints it: the form in which values become labels and variables. */
export function scalarText(value: Scalar): string {
  if (value === null) return "";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  if (size < 1e-4) {
    // Go turns to exponents below 1e-4 and writes them with two digits, JavaScript below 1e-6.
    return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
  }
  return String(value);
}

/** The shortest decimal that is the same 32-bit float: the form in which Go prints `cpus`. */
export function float32(value: number): number {
  const target = Math.fround(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(target.toPrecision(digits));
    if (Math.fround(short) === target) return short;
  }
  return target;
}
