// What a Terraform attribute is, as a plain value, and how one is made from the shape of a field.
// The wire schema, the values, the docs and the CDKTF bindings are all made from these.

import type { FieldShape, Shape, TextForm } from "../../../resources/kinds/shape.ts";
import type { ChangeRule } from "../../../resources/model/schema.ts";
import type { Fact } from "../../../resources/plan/kind.ts";

export type AttributeType =
  | { kind: "string"; form?: TextForm | undefined; values?: string[] | undefined }
  | { kind: "number"; integer: boolean }
  | { kind: "bool" }
  | { kind: "list" | "map"; of: AttributeType }
  | { kind: "object"; attributes: Attribute[] };

export interface Attribute {
  /** As in HCL: `stop_grace_period`. */
  name: string;
  /** The field of the resource that it fills; absent for what is Terraform's own. */
  field?: string | undefined;
  type: AttributeType;
  doc: string;
  mode: "required" | "optional" | "computed" | "defaulted";
  sensitive?: boolean | undefined;
  writeOnly?: boolean | undefined;
  /** What a change of it means; `computed` for what only the provider sets. */
  rule: ChangeRule;
  /** Whether it can be taken away from an existing object. */
  clearable?: boolean | undefined;
  default?: string | undefined;
  /** Which work on the object changes what the provider sets; none when absent. */
  changes?: Fact["changes"] | undefined;
  /** Attributes whose change in place changes it, too. */
  with?: readonly string[] | undefined;
  /** Another value is an object elsewhere, which Terraform makes there and destroys here. */
  moves?: boolean | undefined;
}

/** A string attribute that the provider sets. */
export function computed(name: string, doc: string, more: Partial<Attribute> = {}): Attribute {
  return { name, doc, type: { kind: "string" }, mode: "computed", rule: "computed", ...more };
}

/** The attributes of some fields; secret text is sensitive. */
export function attributesOf(fields: readonly FieldShape[]): Attribute[] {
  return fields.map((field) => ({
    name: snakeCase(field.name),
    field: field.name,
    type: typeOf(field.shape),
    doc: field.doc + unitNote(field.shape),
    mode: field.required ? "required" : "optional",
    sensitive: field.secret === true && field.shape.kind === "string",
    rule: field.rule,
    clearable: field.clearable,
    default: field.default,
  }));
}

/** `stopGracePeriod` as `stop_grace_period`; `ipv4` and `enableIpv6` as they are said. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `stop_grace_period` as `stopGracePeriod`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function typeOf(shape: Shape): AttributeType {
  switch (shape.kind) {
    case "list":
    case "map":
      return { kind: shape.kind, of: typeOf(shape.of) };
    case "object":
      return { kind: "object", attributes: attributesOf(shape.fields) };
    default:
      return shape;
  }
}

function unitNote(shape: Shape): string {
  if (shape.kind !== "string") return "";
  if (shape.form === "bytes") return " A size such as `512m`.";
  if (shape.form === "duration") return " A duration such as `1m30s`.";
  const values = shape.values?.filter((value) => value !== "");
  return values?.length ? ` One of ${values.map((value) => `\`${value}\``).join(", ")}.` : "";
}
