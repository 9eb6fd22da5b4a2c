// Decodes JSON bodies by a shape, in the way of Go's encoding/json, which Docker's clients count
// on: keys match without case, keys that no shape has are passed over, null stands for nothing.
import * as z from "zod";
import { FairleadError } from "../../resources/model/errors.ts";

const PROBLEMS_SHOWN = 20;

type Schema = z.core.$ZodType;

/** The value of a body; `invalid` lists every wrong key with its path. */
export function decode<T extends z.ZodType>(shape: T, value: unknown): z.output<T> {
  const result = z.safeParse(shape, fold(shape, value));
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, PROBLEMS_SHOWN).map(({ path, message, code }) => {
    const where = path.length > 0 ? path.join(".") : "the body";
    return `${where}: ${message || code}`;
  });
  throw new FairleadError("invalid", `invalid request: ${problems.join("; ")}`);
}

/** The value with the keys that the shape knows, spelt as the shape does, and without nulls. */
function fold(shape: Schema, value: unknown): unknown {
  const { def } = inner(shape)._zod as z.core.$ZodTypes["_zod"];
  if (Array.isArray(value)) {
    const element = elementOf(def);
    return element ? value.map((item) => fold(element, item ?? zero(element))) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (def.type === "record") {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, fold(def.valueType, item ?? zero(def.valueType))]),
    );
  }
  return def.type === "object" ? foldKeys(def, value) : value;
}

function foldKeys(def: z.core.$ZodObjectDef, value: object): object {
  const spelling = new Map(Object.keys(def.shape).map((key) => [key.toLowerCase(), key]));
  const folded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue;
    const known = Object.hasOwn(def.shape, key) ? key : spelling.get(key.toLowerCase());
    const type = known === undefined ? undefined : def.shape[known];
    if (known !== undefined && type) folded[known] = fold(type, item);
    // A shape that says so itself (`strictObject`) refuses what it has not.
    else if (def.catchall) folded[key] = item;
  }
  return folded;
}

/** Without what says that a value may be absent. */
function inner(shape: Schema): Schema {
  const { def } = shape._zod as z.core.$ZodTypes["_zod"];
  return def.type === "optional" || def.type === "nullable" ? inner(def.innerType) : shape;
}

function elementOf(def: z.core.$ZodTypes["_zod"]["def"]): Schema | undefined {
  if (def.type === "array") return def.element;
  if (def.type !== "union") return undefined;
  const defs = def.options.map((option) => option._zod.def as z.core.$ZodTypes["_zod"]["def"]);
  return defs.flatMap((option) => (option.type === "array" ? [option.element] : []))[0];
}

/** What Go makes of a null in a list or a map; null where the shape itself has a use for it. */
function zero(shape: Schema): unknown {
  const { def } = shape._zod as z.core.$ZodTypes["_zod"];
  const zeros: Record<string, unknown> = { string: "", int: 0, number: 0, boolean: false };
  if (def.type === "array") return [];
  if (def.type === "record" || def.type === "object" || def.type === "unknown") return {};
  return zeros[def.type] ?? null;
}
