// Renders the reference page of a resource from its declaration.
import type { z } from "zod";
import { type ChangeRule, fields, typeNames } from "../../../resources/model/schema.ts";

const RULES: Record<ChangeRule, string> = {
  update: "is made in place",
  replace: "replaces it",
  refuse: "is refused",
  policy: "changes nothing on the host",
  connection: "changes nothing on the host",
  computed: "is not possible",
};

interface Def {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  keyType?: z.ZodType;
  options?: z.ZodType[];
  entries?: Record<string, string>;
  values?: unknown[];
  in?: z.ZodType;
}

/** The page: what it is, an example, and its fields. */
export function renderResource(
  title: string,
  intro: string,
  example: string,
  type: z.ZodObject,
): string {
  const rows = Object.entries(type.shape).map(([name, schema]) => row(name, schema as z.ZodType));
  return [
    `# ${title}`,
    "",
    intro,
    "",
    "```ts",
    example.trim(),
    "```",
    "",
    "## Fields",
    "",
    ...rows,
    "",
    "This page is made from the declaration by `npm run docs`.",
    "",
  ].join("\n");
}

/** A value as a program writes it. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${key}: ${literal(one)}`);
  return `{ ${entries.join(", ")} }`;
}

function row(name: string, schema: z.ZodType): string {
  const meta = fields.get(schema);
  if (!meta) throw new Error(`the field ${name} is not described`);
  const required = schema.safeParse(undefined).success ? "" : ", required";
  const type = `${typeText(schema)}${required}${meta.secret ? ", may be secret" : ""}`;
  const preset = meta.default === undefined ? "" : ` Default: ${meta.default}.`;
  return `- **\`${name}\`** (${type}): ${meta.doc}${preset} An edit ${RULES[meta.rule]}.`;
}

function typeText(schema: z.ZodType): string {
  const known = typeNames.get(schema);
  if (known) return known.name;
  const def = schema.def as unknown as Def;
  switch (def.type) {
    case "optional":
      return typeText(def.innerType!);
    case "array":
      return `list of ${typeText(def.element!)}`;
    case "record":
      return `map of ${typeText(def.valueType!)}`;
    case "enum":
      return Object.values(def.entries ?? {})
        .map((value) => `\`${value || '""'}\``)
        .join(" or ");
    case "literal":
      return (def.values ?? []).map((value) => `\`${value}\``).join(" or ");
    case "union":
      return (def.options ?? []).map(typeText).join(" or ");
    case "pipe":
      return typeText(def.in!);
    case "object":
      return objectText(schema as z.ZodObject);
    case "string":
      return "text";
    default:
      return def.type;
  }
}

function objectText(schema: z.ZodObject): string {
  const parts = Object.entries(schema.shape).map(([name, inner]) => {
    const optional = (inner as z.ZodType).safeParse(undefined).success ? "?" : "";
    return `${name}${optional}: ${typeText(inner as z.ZodType)}`;
  });
  return `{ ${parts.join(", ")} }`;
}
