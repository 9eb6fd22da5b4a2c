// Shapes of single values: strings, numbers, sizes, durations.
import { parseBytes } from "../document/bytes.ts";
import { booleanOf } from "../document/cast.ts";
import { durationText, parseDuration } from "../document/duration.ts";
import type { Node, Path, Scalar } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { float32, scalarText } from "../document/scalar.ts";
import { broken, nearestName, refuse, type Shape } from "./shape.ts";

type ScalarType = "string" | "number" | "integer" | "boolean" | "null";

function typeFits(value: Scalar, types: readonly ScalarType[]): boolean {
  if (value === null) return types.includes("null");
  if (typeof value === "bigint") return types.includes("integer") || types.includes("number");
  if (typeof value === "number") {
    return types.includes("number") || (types.includes("integer") && Number.isInteger(value));
  }
  return types.includes(typeof value as ScalarType);
}

/** A shape of one of the given types, whose value is what `convert` makes of it. */
export function scalarShape<T>(
  wants: string,
  types: readonly ScalarType[],
  convert: (value: Scalar, fail: (message: string, hint?: string) => undefined) => T | undefined,
): Shape<T> {
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      if (node.kind === "scalar" && typeFits(node.value, types)) return node;
      return refuse(node, path, wants, problems);
    },
    read(node, path, problems) {
      if (node.broken || node.kind !== "scalar" || node.value === null) return undefined;
      return convert(node.value, (message, hint) => {
        problems.add(node, path, message, hint);
        return undefined;
      });
    },
  };
}

const orNothing = (text: string) => (text === "" ? undefined : text);

/** A string; empty ones are left out of the model. */
export const text = scalarShape("a string", ["string"], (value) => orNothing(scalarText(value)));

/** A string or a number, kept as a string. */
export const textOrNumber = scalarShape("a string or a number", ["string", "number"], (value) =>
  orNothing(scalarText(value)),
);

/** A string, number or boolean, kept as a string. */
export const anyScalar = scalarShape(
  "a string, a number or a boolean",
  ["string", "number", "boolean"],
  scalarText,
);

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Shape<W> {
  const allowed: readonly string[] = words;
  const wants = `one of ${words.join(", ")}`;
  return {
    wants,
    check(node, path, problems) {
      if (node.broken) return node;
      const value = node.kind === "scalar" ? node.value : undefined;
      if (typeof value === "string" && allowed.includes(value)) return node;
      if (typeof value !== "string") return refuse(node, path, wants, problems);
      const near = nearestName(value, words);
      const hint = near === undefined ? undefined : `Did you mean ${near}?`;
      problems.add(node, path, `${JSON.stringify(value)} is not ${wants}`, hint);
      return broken(node);
    },
    read: (node, path, problems) => text.read(node, path, problems) as W | undefined,
  };
}

/** A string of a given form. */
export function textLike(form: RegExp, wants: string): Shape<string> {
  return {
    wants,
    check(node, path, problems) {
      const checked = text.check(node, path, problems);
      if (checked.broken || checked.kind !== "scalar") return checked;
      if (form.test(String(checked.value))) return checked;
      problems.add(node, path, `${JSON.stringify(checked.value)} is not ${wants}`);
      return broken(checked);
    },
    read: text.read,
  };
}

/** A boolean; false is left out unless `keep`. */
export function flag(options: { keep?: boolean; strict?: boolean } = {}): Shape<boolean> {
  const types: ScalarType[] = options.strict ? ["boolean"] : ["boolean", "string"];
  return scalarShape("true or false", types, (value, fail) => {
    const result = typeof value === "boolean" ? value : booleanOf(scalarText(value));
    if (result === undefined) return fail(`${JSON.stringify(value)} is not true or false`);
    return result || options.keep ? result : undefined;
  });
}

interface NumberOptions {
  /** Zero is a value of its own, not the same as nothing. */
  keep?: boolean;
  min?: number;
  max?: number;
  /** Numbers only, no strings. */
  strict?: boolean;
}

/** A whole number; 0 is left out unless `keep`. */
export function whole(options: NumberOptions = {}): Shape<number> {
  return numeric("a whole number", "integer", options);
}

/** A number with or without fraction; 0 is left out unless `keep`. */
export function decimal(options: NumberOptions & { float32?: boolean } = {}): Shape<number> {
  return numeric("a number", "number", options);
}

function numeric(
  wants: string,
  type: "integer" | "number",
  options: NumberOptions & { float32?: boolean },
): Shape<number> {
  const types: ScalarType[] = options.strict ? [type] : [type, "string"];
  return scalarShape(wants, types, (value, fail) => {
    const number = typeof value === "number" ? value : Number(scalarText(value) || "x");
    if (!Number.isFinite(number) || (type === "integer" && !Number.isInteger(number))) {
      return fail(`${JSON.stringify(scalarText(value))} is not ${wants}`);
    }
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
    if (number < min) return fail(`${number} is less than ${min}`);
    if (number > max) return fail(`${number} is more than ${max}`);
    if (number === 0 && !options.keep) return undefined;
    return options.float32 ? float32(number) : number;
  });
}

/** A size in bytes, kept as a string of digits as Compose prints it; 0 is left out. */
export const size = scalarShape("a size such as 512m", ["string", "number"], (value, fail) => {
  const bytes = typeof value === "string" ? parseBytes(value) : Number(value);
  if (bytes === undefined || !Number.isFinite(bytes)) {
    return fail(`${JSON.stringify(value)} is not a size`, "Write a number and b, k, m or g: 512m.");
  }
  return bytes === 0 ? undefined : String(Math.trunc(bytes));
});

/** A duration, kept as Go prints it. `keep` keeps zero. */
export function duration(options: { keep: boolean }): Shape<string> {
  return scalarShape("a duration such as 1m30s (a string)", ["string"], (value, fail) => {
    const ns = parseDuration(scalarText(value));
    if (ns === undefined) {
      return fail(`${JSON.stringify(value)} is not a duration`, "Write a number and a unit: 90s.");
    }
    return ns === 0n && !options.keep ? undefined : durationText(ns);
  });
}

/** A file mode: octal as a string, any number otherwise; kept as an octal string. */
export const fileMode = scalarShape("a file mode", ["string", "number"], (value, fail) => {
  const digits = scalarText(value);
  const mode =
    typeof value === "string"
      ? /^0?[0-7]+$|^0o[0-7]+$/.test(digits)
        ? octal(digits)
        : -1
      : Number(value);
  return mode < 0 || !Number.isInteger(mode)
    ? fail(`${JSON.stringify(value)} is not a file mode`, 'Write it in octal: "0440".')
    : `0${mode.toString(8)}`;
});

function octal(digits: string): number {
  return Number.parseInt(digits.replace(/^0o/, ""), 8);
}

/** Anything at all: data of extensions and other tools. */
export const anything: Shape = {
  wants: "anything",
  check: (node: Node) => node,
  read: (node: Node, _path: Path, _problems: Problems) =>
    node.kind === "scalar" ? node.value : undefined,
};
