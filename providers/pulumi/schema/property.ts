// What a Pulumi property is, as a plain value, made from the shape of a declared field. The schema,
// the SDK, the docs and the translation of values are all made from these.

import {
  type FieldShape,
  type Shape,
  shapeOf,
  type TextForm,
} from "../../../resources/kinds/shape.ts";
import type { ChangeRule } from "../../../resources/model/schema.ts";

export type PropertyType =
  | { kind: "string"; form?: TextForm | undefined }
  | { kind: "integer" | "number" | "bool" }
  | { kind: "list" | "map"; of: PropertyType }
  | { kind: "object"; name: string; properties: Property[] }
  /** A list of objects, or the only one. */
  | { kind: "oneOrMore"; of: PropertyType }
  /** Text, or the object that it stands for. */
  | { kind: "textOrObject"; name: string; properties: Property[] };

export interface Property {
  name: string;
  doc: string;
  type: PropertyType;
  required: boolean;
  rule: ChangeRule;
  /** Another value is another resource, which Pulumi makes and whose old one it deletes. */
  moves?: boolean | undefined;
  /** Always sealed, in inputs and outputs. */
  secret: boolean;
  /** Values inside may be sealed by the user and then count as secret on the host too. */
  mayBeSecret: boolean;
  values?: string[] | undefined;
  default?: string | undefined;
  /** A path of the machine on which the program runs. */
  localPath?: boolean | undefined;
  /** Whether it can be taken away from an existing object. */
  clearable: boolean;
  /** The kind of resource that an SDK takes here in place of its name. */
  resource?: "Host" | "Image" | "Network" | "Volume" | undefined;
}

/** Fields of a connection that let somebody in. */
export const ALWAYS_SECRET = new Set(
  shapeOf("host").flatMap(({ name, secret }) => (secret ? [name] : [])),
);

/** A property that is no declared field. */
export function property(
  name: string,
  doc: string,
  type: PropertyType,
  more: Partial<Property> = {},
): Property {
  const base = { required: false, secret: false, mayBeSecret: false, clearable: true };
  return { name, doc, type, rule: "policy", ...base, ...more };
}

/** The properties of declared fields; `owner` names the object types inside. */
export function propertiesOf(fields: readonly FieldShape[], owner: string): Property[] {
  return fields.map((field) => propertyOf(field, owner));
}

function propertyOf(field: FieldShape, owner: string): Property {
  const secret = ALWAYS_SECRET.has(field.name);
  return {
    name: field.name,
    doc: field.doc,
    type: typeOf(field.shape, owner + capital(singular(field.name))),
    required: field.required,
    rule: field.rule,
    secret,
    mayBeSecret: field.secret === true,
    ...(field.shape.kind === "string" && field.shape.values ? { values: field.shape.values } : {}),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(field.localPath ? { localPath: true } : {}),
    clearable: field.clearable,
  };
}

function typeOf(shape: Shape, name: string): PropertyType {
  switch (shape.kind) {
    case "string":
      return { kind: "string", ...(shape.form ? { form: shape.form } : {}) };
    case "number":
      return { kind: shape.integer ? "integer" : "number" };
    case "bool":
      return { kind: "bool" };
    case "object":
      return { kind: "object", name, properties: propertiesOf(shape.fields, name) };
    default:
      return { kind: shape.kind, of: typeOf(shape.of, name) };
  }
}

/** `ports` as `port`, `addresses` and `networks` alike. */
function singular(name: string): string {
  if (name.endsWith("addresses") || name.endsWith("Addresses")) return name.slice(0, -2);
  return name.endsWith("s") && !name.endsWith("ss") && name !== "dns" ? name.slice(0, -1) : name;
}

export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
