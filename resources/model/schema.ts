// The field vocabulary: what is said about a field beside its type, and how a value is checked.
// Everything else that is derived from a resource (docs, diff rules, provider schemas) reads this.
import * as z from "zod";
import { InvalidDeclaration, joinPath, type Problem } from "./problem.ts";

/**
 * What a changed field means for an object that exists.
 * update: set on the running object. replace: the object is made anew. refuse: neither can be done
 * without losing data, so the plan is refused. policy: steers how fairlead works, and changes
 * nothing on the host. connection: how a host is reached; nothing on it changes. computed: read
 * only.
 */
export type ChangeRule = "update" | "replace" | "refuse" | "policy" | "connection" | "computed";

export interface FieldMeta {
  /** One sentence, for the docs and for editors. */
  doc: string;
  rule: ChangeRule;
  /** What holds when the field is absent, in words or as a value; never written into a spec. */
  default?: string | undefined;
  unit?: "bytes" | "milliseconds" | "cpus" | undefined;
  /** Of how a host is reached: may be said once for all hosts of a tool. */
  shared?: true;
  /** A path of the machine on which fairlead runs. */
  localPath?: true;
  /** Values here may be marked secret and are then never shown. */
  secret?: boolean | undefined;
}

export const fields = z.registry<FieldMeta>();

/** Names of the scalar types that have a text form of their own, for docs and provider schemas. */
export const typeNames = z.registry<{ name: string; accepts: string }>();

/** Declares a field: its type and everything else there is to say about it. */
export function field<T extends z.ZodType>(
  type: T,
  rule: ChangeRule,
  doc: string,
  more: Omit<FieldMeta, "doc" | "rule"> = {},
): z.ZodOptional<T> {
  const optional = type.optional();
  fields.add(optional, { doc, rule, ...more });
  return optional as z.ZodOptional<T>;
}

/** A field that must be given. */
export function required<T extends z.ZodType>(
  type: T,
  rule: ChangeRule,
  doc: string,
  more: Omit<FieldMeta, "doc" | "rule"> = {},
): T {
  // A clone, because one type object serves several fields and metadata belongs to one of them.
  const own = type.clone(type.def as never) as T;
  fields.add(own, { doc, rule, ...more });
  const name = typeNames.get(type);
  if (name) typeNames.add(own, name);
  return own;
}

/** A type with a text form: `parse` gives the normal value, or a sentence saying what is wrong. */
export function scalar<In, Out>(
  name: string,
  accepts: string,
  parse: (value: In) => { value: Out } | { problem: string },
) {
  const type = z
    .custom<In>(() => true)
    .transform((value, context): Out => {
      const result = value === undefined ? { problem: "is required" } : parse(value);
      if ("value" in result) return result.value;
      context.issues.push({ code: "custom", message: result.problem, input: value });
      return z.NEVER;
    });
  typeNames.add(type, { name, accepts });
  return type;
}

/** The value in normal form, or every problem with its path. */
export function inspect<T extends z.ZodType>(
  type: T,
  value: unknown,
  path: (string | number)[] = [],
): { value: z.output<T>; problems: [] } | { value: undefined; problems: Problem[] } {
  const result = type.safeParse(value, { error: sentence });
  if (result.success) return { value: result.data, problems: [] };
  return { value: undefined, problems: result.error.issues.flatMap((i) => problemsOf(i, path)) };
}

/** The value in normal form; throws `InvalidDeclaration` with every problem. */
export function check<T extends z.ZodType>(
  type: T,
  value: unknown,
  path: (string | number)[] = [],
): z.output<T> {
  const { value: checked, problems } = inspect(type, value, path);
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  return checked as z.output<T>;
}

/** The fields of a resource by name, in the order of declaration. */
export function fieldsOf(type: z.ZodObject): Map<string, FieldMeta> {
  const found = new Map<string, FieldMeta>();
  for (const [name, schema] of Object.entries(type.shape)) {
    const meta = fields.get(schema as z.ZodType);
    if (meta) found.set(name, meta);
  }
  return found;
}

// What a declaration does not say itself, in words of a person instead of the library's.
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is required";
      return `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${listed(issue.values.map((value) => JSON.stringify(value)))}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "must not be empty";
      return `must ${sized(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${sized(issue.origin, "at most", issue.maximum)}`;
    case "invalid_format":
      return "has not the right form";
    case "invalid_union":
      return "has none of the forms that it may have";
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    default:
      return undefined;
  }
}

const NOUNS: Record<string, string> = {
  ...{ string: "text", number: "a number", int: "a whole number", boolean: "true or false" },
  ...{ array: "a list", object: "an object", record: "a map", nan: "a number" },
};

function sized(origin: string, bound: string, value: number | bigint): string {
  if (origin === "string") return `have ${bound} ${value} characters`;
  if (origin === "array" || origin === "set") return `have ${bound} ${value} entries`;
  return `be ${bound} ${value}`;
}

function listed(values: string[]): string {
  const last = values.at(-1) ?? "nothing";
  return values.length < 2 ? last : `${values.slice(0, -1).join(", ")} or ${last}`;
}

function problemsOf(issue: z.core.$ZodIssue, base: (string | number)[]): Problem[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: joinPath(...path, key),
      message: "there is no such field",
    }));
  }
  if (issue.code === "invalid_union") {
    // The form that fits but for something inside of it tells more than that none fits.
    const inside = issue.errors.find((issues) => issues.every((one) => one.path.length > 0));
    if (inside?.length) return inside.flatMap((one) => problemsOf(one, path));
  }
  return [{ path: joinPath(...path), message: lower(issue.message) }];
}

function lower(message: string): string {
  return message.replace(/^Invalid input: /, "").replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase());
}
